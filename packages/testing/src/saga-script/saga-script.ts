import {
  decide,
  defaultSagaLimits,
  type InputFault,
  inDoubt,
  nextTimerAtMs,
  type Progress,
  type RequestFault,
  type SagaEvent,
  type SagaGraph,
  type SagaInput,
  type SagaLimits,
  type SagaRef,
  sagaRef,
} from '@troupe/core/internal';
import { sagaEventText } from './saga-event-text.ts';

/** Where an input differs from what it usually is in a script. */
export interface InputDetails {
  readonly saga?: SagaRef;
  readonly eventId?: string;
  /** When it was appended, where that is not now. */
  readonly atMs?: number;
}

/**
 * One saga under the rules, told input by input. Each method gives one input to `decide` and returns what became of it,
 * as texts (see `sagaEventText`). Every input is appended 1 ms after the one before; nothing else moves the clock but
 * `pass` and `passNextTimer`.
 */
export class SagaScript {
  readonly graph: SagaGraph;
  readonly events: SagaEvent[] = [];
  progress: Progress | undefined;
  nowMs = 1_000_000;
  readonly #limits: SagaLimits;

  constructor(graph: SagaGraph, limits: Partial<SagaLimits> = {}) {
    this.graph = graph;
    this.#limits = { ...defaultSagaLimits, ...limits };
  }

  started(details: InputDetails & { readonly stamped?: boolean } = {}): string[] {
    return this.#happens({ kind: 'started', stamped: true, ...this.#base('start-1', details) });
  }

  succeeded(step: string, details: InputDetails = {}): string[] {
    return this.#happens({ kind: 'succeeded', step, ...this.#base(`${step}-1`, details) });
  }

  rejected(step: string, details: InputDetails = {}): string[] {
    return this.#happens({ kind: 'rejected', step, ...this.#base(`${step}-rejected`, details) });
  }

  /** Attempts used up: it may have happened. */
  failed(step: string, details: InputDetails = {}): string[] {
    return this.#fails(step, true, details);
  }

  /** The handler said that nothing happened. */
  failedNotDone(step: string, details: InputDetails = {}): string[] {
    return this.#fails(step, false, details);
  }

  skipped(
    step: string,
    reason: 'condition' | 'cancelled' = 'condition',
    details: InputDetails = {},
  ): string[] {
    const base = this.#base(`${step}-skipped`, details);
    return this.#happens({ kind: 'skipped', step, reason, ...base });
  }

  compensated(step: string, undoes = `${step}-1`, details: InputDetails = {}): string[] {
    const base = this.#base(`${step}-compensated-${undoes}`, details);
    return this.#happens({ kind: 'compensated', step, undoes, ...base });
  }

  /** Undone without knowing whether it happened. */
  compensatedInDoubt(step: string, details: InputDetails = {}): string[] {
    return this.compensated(step, inDoubt, details);
  }

  compensationFailed(step: string, undoes = `${step}-1`, details: InputDetails = {}): string[] {
    const base = this.#base(`${step}-compensation-failed`, details);
    const fault = { code: 'unknown', message: 'it did not work' };
    return this.#happens({ kind: 'compensation-failed', step, undoes, ...fault, ...base });
  }

  unexpected(type: string, details: InputDetails = {}): string[] {
    return this.#happens({ kind: 'unexpected', type, ...this.#base(`${type}-1`, details) });
  }

  /** The coordinator cannot make a request. */
  requestImpossible(step: string, reason: RequestFault): string[] {
    return this.decide({ kind: 'request-impossible', step, reason });
  }

  /** The coordinator cannot fold an input. */
  inputLost(reason: InputFault): string[] {
    return this.decide({ kind: 'input-lost', reason });
  }

  /** The coordinator cannot carry out what follows from a time limit. */
  timeFault(): string[] {
    return this.decide({ kind: 'time-fault' });
  }

  /** Time passes, and all that was appended before is known. */
  pass(ms: number): string[] {
    this.nowMs += ms;
    return this.decide({ kind: 'time-passed', untilMs: this.nowMs });
  }

  /** Time passes until the next time limit. */
  passNextTimer(): string[] {
    return this.pass(Math.max(0, (this.nextTimerAtMs ?? this.nowMs) - this.nowMs));
  }

  get nextTimerAtMs(): number | undefined {
    return this.progress && nextTimerAtMs(this.graph, this.progress, this.#limits);
  }

  /** Everything so far, as texts. */
  get story(): string[] {
    return this.events.map(sagaEventText);
  }

  decide(input: SagaInput): string[] {
    const decided = decide(this.graph, this.progress, input, this.nowMs, this.#limits);
    this.progress = decided.progress;
    this.events.push(...decided.events);
    return decided.events.map(sagaEventText);
  }

  #happens(input: SagaInput): string[] {
    this.nowMs += 1;
    return this.decide(input);
  }

  #fails(step: string, inDoubtOfIt: boolean, details: InputDetails): string[] {
    const base = this.#base(`${step}-failed`, details);
    const fault = { code: 'unknown', message: 'it did not work', inDoubt: inDoubtOfIt };
    return this.#happens({ kind: 'failed', step, ...fault, ...base });
  }

  #base(
    eventId: string,
    details: InputDetails,
  ): { saga: SagaRef; sagaId: string; eventId: string; atMs: number } {
    return {
      saga: sagaRef(this.graph),
      sagaId: 'saga-1',
      eventId,
      atMs: this.nowMs + 1,
      ...details,
    };
  }
}
