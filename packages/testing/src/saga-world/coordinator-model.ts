import { isDeepStrictEqual } from 'node:util';
import {
  type ArrivedInput,
  decide,
  definitionOf,
  eventIdOf,
  evolve,
  isEnded,
  nextTimerAtMs,
  type Progress,
  type SagaEvent,
  type SagaGraph,
  type SagaInput,
  type SagaLimits,
  sagaRef,
  stepNamed,
} from '@troupe/core/internal';
import { BrokenInvariant } from './effect-ledger.ts';
import type { Order } from './participants.ts';

/** What one input may lead to at most, so that a saga's work is bounded (I8). */
const eventsPerStepMax = 6;

/**
 * One coordinator with one saga. What it decided is seen by nobody before it is committed, together with the inputs that
 * it was decided on; a crash loses what was not.
 */
export class CoordinatorModel {
  readonly events: SagaEvent[] = [];
  readonly #graphs: ReadonlyMap<string, SagaGraph>;
  readonly #graph: SagaGraph;
  readonly #limits: SagaLimits;
  #progress: Progress | undefined;
  #committed: { readonly progress: Progress | undefined; readonly events: number } = {
    progress: undefined,
    events: 0,
  };
  #read: ArrivedInput[] = [];
  #requests: Order[] = [];

  /** `graphs` are all that it knows; the first one is the saga's own. */
  constructor(graphs: readonly [SagaGraph, ...SagaGraph[]], limits: SagaLimits) {
    this.#graph = graphs[0];
    this.#graphs = new Map(graphs.map((graph) => [sagaRef(graph), graph]));
    this.#limits = limits;
  }

  get progress(): Progress | undefined {
    return this.#progress;
  }

  get isEnded(): boolean {
    return this.#progress !== undefined && isEnded(this.#progress);
  }

  get hasUncommitted(): boolean {
    return this.#read.length > 0 || this.events.length > this.#committed.events;
  }

  get nextTimerAtMs(): number | undefined {
    return this.#progress && nextTimerAtMs(this.#graph, this.#progress, this.#limits);
  }

  read(input: ArrivedInput, nowMs: number): readonly SagaEvent[] {
    this.#read.push(input);
    const graph = this.#graphs.get(definitionOf(this.#progress, input));
    if (graph === undefined) throw new BrokenInvariant(`no definition for ${input.saga}`);
    return this.#decide(graph, input, nowMs);
  }

  /**
   * Everything that was appended before `untilMs` was read. Rule 11: whose time limits have passed does not depend on when
   * that is decided, and whoever is asked for something then has all of his time.
   */
  passTime(untilMs: number, nowMs: number): readonly SagaEvent[] {
    const input = { kind: 'time-passed', untilMs } as const;
    const atOnce = decide(this.#graph, this.#progress, input, untilMs, this.#limits).events;
    const events = this.#decide(this.#graph, input, nowMs);
    const later = atOnce.map((event) => ({ ...event, atMs: nowMs }));
    if (!isDeepStrictEqual(events, later)) {
      const told = `${JSON.stringify(events)}, and at once ${JSON.stringify(atOnce)}`;
      throw new BrokenInvariant(`rule 11: decided at ${nowMs} of ${untilMs} are ${told}`);
    }
    return events;
  }

  /** The requests that may be sent now. */
  commit(): readonly Order[] {
    const requests = this.#requests;
    this.#committed = { progress: this.#progress, events: this.events.length };
    this.#read = [];
    this.#requests = [];
    return requests;
  }

  /** A restart: the log is folded, and what was not committed is to be read again. */
  crash(): readonly ArrivedInput[] {
    const again = this.#read;
    this.events.length = this.#committed.events;
    this.#progress = this.#committed.progress;
    this.checkFold();
    // The next inputs go to what was folded from the log, as in a new process.
    this.#progress = this.#fold();
    this.#read = [];
    this.#requests = [];
    return again;
  }

  /** I10: the log folded from its start is the live state. */
  checkFold(): void {
    const live: unknown = JSON.parse(JSON.stringify(this.#progress ?? null));
    const folded: unknown = JSON.parse(JSON.stringify(this.#fold() ?? null));
    if (!isDeepStrictEqual(live, folded)) {
      throw new BrokenInvariant(
        `I10: live is ${JSON.stringify(live)}, folded is ${JSON.stringify(folded)}`,
      );
    }
  }

  #fold(): Progress | undefined {
    const log: SagaEvent[] = JSON.parse(JSON.stringify(this.events));
    return log.reduce<Progress | undefined>(evolve, undefined);
  }

  #decide(graph: SagaGraph, input: SagaInput, nowMs: number): readonly SagaEvent[] {
    const { events, progress } = decide(graph, this.#progress, input, nowMs, this.#limits);
    if (events.length > 4 + eventsPerStepMax * graph.steps.length) {
      throw new BrokenInvariant(`I8: one input led to ${events.length} events`);
    }
    this.#progress = progress;
    this.events.push(...events);
    for (const event of events) {
      const order = this.#orderOf(event);
      if (order !== undefined) this.#requests.push(order);
    }
    this.checkFold();
    return events;
  }

  #orderOf(event: SagaEvent): Order | undefined {
    switch (event.type) {
      case 'step-requested': {
        const { step, requestNumber } = event;
        return {
          kind: 'execute',
          step,
          cause: `request-${requestNumber}`,
          inputs: this.#inputsOf(step),
        };
      }
      case 'cancel-requested':
        return { kind: 'cancel', step: event.step };
      case 'compensation-requested': {
        const { step, undoes } = event;
        return { kind: 'compensate', step, undoes, inputs: this.#inputsOf(step) };
      }
      default:
        return undefined;
    }
  }

  /** What is known to have come about of the dependencies of a step: the events that go into a request. */
  #inputsOf(step: string): readonly string[] {
    const node = stepNamed(this.#graph, step);
    const progress = this.#progress;
    if (node === undefined || progress === undefined) return [];
    const known = node.dependencies.filter((one) => eventIdOf(progress, one) !== undefined);
    return known.map(({ name }) => name);
  }
}
