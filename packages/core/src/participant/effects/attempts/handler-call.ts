import { RetryableError } from '../../../errors/error-kinds.ts';
import { TroupeError } from '../../../errors/troupe-error.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { Interrupted, type Tenure } from '../../waiting/tenure.ts';
import type { Attempt } from './attempt.ts';

type HandlerParts = Pick<ServiceParts, 'clock' | 'slots' | 'health' | 'limits'>;

/** What the handler does, and for what: `execute reserve-stock`. */
interface HandlerWork {
  readonly action: string;
  readonly subject: string;
}

/**
 * One call of a handler, in a slot.
 *
 * After `attemptTimeoutMs` the attempt's signal is aborted; what the handler still says within `attemptGraceMs` counts,
 * also that it succeeded. After that it is left to itself and counts as one that still runs.
 *
 * Owns its slot, its timer and its listening to the tenure.
 *
 * Invariants
 * 1. A slot that was taken is given back once: when the handler ends, or is left.
 * 2. No handler is called once the tenure is over, and none is waited for any longer.
 */
export class HandlerCall {
  readonly #parts: HandlerParts;
  readonly #tenure: Tenure;
  readonly #attempt: Attempt;
  readonly #work: HandlerWork;
  /** `aborted`: its time is over, it may still come to an end. `left`: nobody waits for it any more. */
  #state: 'running' | 'aborted' | 'left' | 'ended' = 'running';
  #cancelTimer: () => void = nothing;
  #forgetTenure: () => void = nothing;
  #reject: (error: Error) => void = nothing;

  constructor(parts: HandlerParts, tenure: Tenure, attempt: Attempt, work: HandlerWork) {
    this.#parts = parts;
    this.#tenure = tenure;
    this.#attempt = attempt;
    this.#work = work;
  }

  /** Takes a slot; `call` comes next. Undefined: at once. Rejects with `Interrupted` when the tenure ends before. */
  takeSlot(): Promise<void> | undefined {
    const { slots } = this.#parts;
    return slots.tryTake() ? undefined : slots.take(this.#tenure);
  }

  /**
   * Calls the handler in the slot that was taken. Synchronous where the handler is. Throws what the handler throws,
   * `attempt-timed-out` when it outran its time, and `Interrupted` when the tenure is over.
   */
  call<Result>(handler: () => Result | Promise<Result>): Result | Promise<Result> {
    let called: Result | Promise<Result>;
    try {
      this.#tenure.assertNot('over'); // invariant 2
      called = handler();
    } catch (error) {
      this.#parts.slots.release(); // before its first await: it took no time
      throw error;
    }
    if (isPromiseLike(called)) return this.#withinTime(Promise.resolve(called));
    this.#parts.slots.release();
    return called;
  }

  get #subject(): string {
    return `${this.#work.action} ${this.#work.subject}`;
  }

  #withinTime<Result>(called: Promise<Result>): Promise<Result> {
    const { clock, limits } = this.#parts;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#cancelTimer = clock.after(limits.attemptTimeoutMs, () => this.#abort());
      // The handler itself may have ended the tenure: then this calls back before it returns.
      this.#forgetTenure = this.#tenure.when('over', () => this.#giveUp());
      called.then(
        (result) => {
          if (this.#endsInTime()) resolve(result);
        },
        (error: unknown) => {
          const isLate = this.#state === 'aborted';
          if (this.#endsInTime()) reject(isLate ? this.#timedOut(error) : error);
        },
      );
    });
  }

  #abort(): void {
    const { clock, limits } = this.#parts;
    const timedOut = this.#timedOut();
    this.#state = 'aborted';
    this.#attempt.giveUp(timedOut);
    this.#cancelTimer = clock.after(limits.attemptGraceMs, () =>
      this.#leave(timedOut, 'it does not end though its signal is aborted'),
    );
  }

  #giveUp(): void {
    const why = 'the service stops, or its partition goes to another instance';
    this.#attempt.giveUp(new TroupeError('stopped', `${this.#subject} is given up: ${why}`));
    this.#leave(new Interrupted(), `it was still running when it was given up: ${why}`);
  }

  #leave(error: Error, why: string): void {
    const { slots, health } = this.#parts;
    this.#state = 'left';
    this.#attempt.leave();
    this.#cancelTimer();
    this.#forgetTenure();
    slots.abandon(); // invariant 1
    health.begin('handlers-hanging', this.#subject, `${this.#subject} is left to itself: ${why}`);
    this.#reject(error);
  }

  /** The handler has ended. False: it was left before. */
  #endsInTime(): boolean {
    const { slots, health } = this.#parts;
    if (this.#state === 'left') {
      slots.abandonedEnded();
      health.end('handlers-hanging', this.#subject);
      return false;
    }
    this.#state = 'ended';
    this.#cancelTimer();
    this.#forgetTenure();
    slots.release(); // invariant 1
    return true;
  }

  #timedOut(cause?: unknown): RetryableError {
    const { attemptTimeoutMs } = this.#parts.limits;
    return new RetryableError(
      `attempt ${this.#attempt.number} of ${this.#subject} took longer than ${attemptTimeoutMs} ms (limits.attemptTimeoutMs)`,
      { code: 'attempt-timed-out', ...(cause === undefined ? {} : { cause }) },
    );
  }
}

const nothing = (): void => undefined;

/** Not every library's promises are the engine's. */
function isPromiseLike<Result>(
  called: Result | PromiseLike<Result>,
): called is PromiseLike<Result> {
  if (called instanceof Promise) return true;
  return (
    typeof called === 'object' &&
    called !== null &&
    'then' in called &&
    typeof called.then === 'function'
  );
}
