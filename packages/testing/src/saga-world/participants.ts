import { isDeepStrictEqual } from 'node:util';
import {
  inDoubt,
  type OutcomeInput,
  type SagaGraph,
  type SagaInput,
  type StepNode,
  sagaRef,
  stepNamed,
} from '@troupe/core/internal';
import type { Behaviour, Behaviours } from './behaviour.ts';
import { BrokenInvariant, type EffectLedger } from './effect-ledger.ts';

/** What reaches a participant: an event that triggers a step by itself, or a request of the coordinator. */
export type Order =
  | {
      readonly kind: 'execute';
      readonly step: string;
      readonly cause: string;
      readonly inputs: Inputs;
    }
  | { readonly kind: 'cancel'; readonly step: string }
  | {
      readonly kind: 'compensate';
      readonly step: string;
      readonly undoes: string;
      readonly inputs: Inputs;
    };

/** The names of the dependencies that came about. */
export type Inputs = readonly string[];

/** An outcome, before it is appended to a log. */
export type Outcome = OutcomeInput extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'atMs'>
    : never
  : never;

interface Row {
  readonly status: 'succeeded' | 'rejected' | 'skipped' | 'cancelled' | 'failed' | 'compensated';
  readonly answer: Outcome;
  /** What asked for it, because a failure is not for good: asked again, it runs again. */
  readonly cause: string;
}

/**
 * All participants of one saga, with the inbox that makes effects effectively once. A row is written before its answer is
 * sent, and a duplicate makes the answer be sent again.
 */
export class Participants {
  readonly #graph: SagaGraph;
  readonly #behaviours: Behaviours;
  readonly #ledger: EffectLedger;
  readonly #rows = new Map<string, Row>();
  readonly #failures = new Map<string, number>();

  constructor(graph: SagaGraph, behaviours: Behaviours, ledger: EffectLedger) {
    this.#graph = graph;
    this.#behaviours = behaviours;
    this.#ledger = ledger;
  }

  /** `mayStillRun` tells of a step that a trigger of it is on its way. */
  handle(order: Order, mayStillRun: (step: string) => boolean): Outcome {
    switch (order.kind) {
      case 'execute':
        return this.#execute(order);
      case 'cancel':
        return this.#cancel(order.step).answer;
      case 'compensate':
        return this.#compensate(order, mayStillRun);
    }
  }

  /** Whether it is written down how this step ended, so that it never runs (again) by the triggers that there are. */
  isSettled(step: string): boolean {
    return this.#rows.has(step);
  }

  statusOf(step: string): Row['status'] | undefined {
    return this.#rows.get(step)?.status;
  }

  /** It ended, or can never run because of how others ended. */
  isDecided(step: string): boolean {
    const row = this.#rows.get(step);
    if (row !== undefined) return row.status !== 'failed';
    const { dependencies } = this.#node(step);
    const isMissed = (d: StepNode['dependencies'][number]) =>
      d.step !== undefined &&
      this.isDecided(d.step) &&
      this.#rows.get(d.step)?.status !== d.outcome;
    return dependencies.some((d) => d.required && isMissed(d)) || dependencies.every(isMissed);
  }

  #execute({ step, cause, inputs }: Extract<Order, { readonly kind: 'execute' }>): Outcome {
    const before = this.#rows.get(step);
    const isFinal = before !== undefined && (before.status !== 'failed' || before.cause === cause);
    if (isFinal) return before.answer;
    this.#checkInputs(step, inputs);
    return this.#write(step, this.#run(this.#node(step), cause)).answer;
  }

  #run({ name: step }: StepNode, cause: string): Row {
    const { execute, failuresMax } = this.#behaviour(step);
    const failures = this.#failures.get(step) ?? 0;
    if (execute.startsWith('fail') && failures < failuresMax) {
      this.#failures.set(step, failures + 1);
      if (execute === 'fail-done') this.#ledger.doInDoubt(step);
      const answer = failed(this.#outcome(step, `failed-${cause}`), execute !== 'fail-not-done');
      return { status: 'failed', answer, cause };
    }
    if (execute === 'reject') {
      const answer: Outcome = { kind: 'rejected', ...this.#outcome(step, 'rejected') };
      return { status: 'rejected', answer, cause };
    }
    if (execute === 'skip') {
      const outcome = this.#outcome(step, 'skipped');
      return {
        status: 'skipped',
        answer: { kind: 'skipped', reason: 'condition', ...outcome },
        cause,
      };
    }
    this.#ledger.do(step);
    const answer: Outcome = { kind: 'succeeded', ...this.#outcome(step, 'succeeded') };
    return { status: 'succeeded', answer, cause };
  }

  /** Answered with what is written down, a failure too, or the promise that it never will run. */
  #cancel(step: string): Row {
    const before = this.#rows.get(step);
    if (before !== undefined) return before;
    const outcome = this.#outcome(step, 'skipped');
    const answer: Outcome = { kind: 'skipped', reason: 'cancelled', ...outcome };
    return this.#write(step, { status: 'cancelled', answer, cause: 'cancel' });
  }

  #compensate(
    { step, undoes, inputs }: Extract<Order, { readonly kind: 'compensate' }>,
    mayStillRun: (step: string) => boolean,
  ): Outcome {
    const row = this.#rows.get(`undo ${step} ${undoes}`);
    if (row !== undefined) return row.answer;
    this.#checkInputs(step, inputs);
    const executed = this.#rows.get(step);
    const { undoesCancelled, compensate } = this.#behaviour(step);
    if (undoes === inDoubt) {
      const status = executed?.status;
      if (status === 'succeeded' || status === 'rejected' || status === 'skipped') {
        return executed?.answer ?? this.#cancel(step).answer;
      }
      if (executed?.cause === 'cancel' && !undoesCancelled) return executed.answer;
      // First the promise never to run it, then the undoing.
      const promise: Outcome = {
        kind: 'skipped',
        reason: 'cancelled',
        ...this.#outcome(step, 'skipped'),
      };
      this.#write(step, { status: 'cancelled', answer: promise, cause: 'doubt' });
    } else if (executed?.answer.eventId !== undoes) {
      throw new BrokenInvariant(`I3: ${step} is to undo ${undoes}, which it never sent`);
    }
    const outcome = { undoes, ...this.#outcome(step, `compensated-${undoes}`) };
    if (compensate === 'fail') {
      const fault = { code: 'unknown', message: 'it did not work' };
      const answer: Outcome = { kind: 'compensation-failed', ...fault, ...outcome };
      return this.#write(`undo ${step} ${undoes}`, { status: 'failed', answer, cause: '' }).answer;
    }
    this.#ledger.undo(step, undoes, mayStillRun);
    const answer: Outcome = { kind: 'compensated', ...outcome };
    return this.#write(`undo ${step} ${undoes}`, { status: 'compensated', answer, cause: '' })
      .answer;
  }

  /** I2: all that a step depends on is decided, and it is given exactly what came about. */
  #checkInputs(step: string, inputs: Inputs): void {
    const node = this.#node(step);
    const cameAbout = node.dependencies.filter((dependency) => {
      if (dependency.step === undefined) return true;
      return this.#rows.get(dependency.step)?.status === dependency.outcome;
    });
    const names = cameAbout.map(({ name }) => name);
    if (!isDeepStrictEqual(new Set(names), new Set(inputs))) {
      throw new BrokenInvariant(`I2: ${step} was given [${inputs}], but there is [${names}]`);
    }
    const isMissing = node.dependencies.some(
      (dependency) => dependency.required && !cameAbout.includes(dependency),
    );
    if (isMissing || cameAbout.length === 0) {
      throw new BrokenInvariant(`I2: ${step} was asked for without what it requires`);
    }
    const undecided = node.dependencies.find(
      (dependency) => dependency.step !== undefined && !this.isDecided(dependency.step),
    );
    if (undecided !== undefined) {
      throw new BrokenInvariant(`I2: ${step} was asked for before ${undecided.step} was decided`);
    }
  }

  #write(key: string, row: Row): Row {
    this.#rows.set(key, row);
    return row;
  }

  #node(step: string): StepNode {
    const node = stepNamed(this.#graph, step);
    if (node === undefined) throw new BrokenInvariant(`there is no step ${step}`);
    return node;
  }

  #behaviour(step: string): Behaviour {
    const behaviour = this.#behaviours.get(step);
    if (behaviour === undefined) throw new BrokenInvariant(`no behaviour of ${step}`);
    return behaviour;
  }

  /** The id is a function of the effect and of how it ended, so that everybody can drop a second one. */
  #outcome(step: string, what: string) {
    return { saga: sagaRef(this.#graph), sagaId: 'saga-1', step, eventId: `${step}-${what}` };
  }
}

function failed(
  outcome: Pick<SagaInput & { readonly kind: 'failed' }, 'saga' | 'sagaId' | 'step' | 'eventId'>,
  isInDoubt: boolean,
): Outcome {
  const fault = { code: 'unknown', message: 'it did not work' };
  return { kind: 'failed', ...fault, inDoubt: isInDoubt, ...outcome };
}
