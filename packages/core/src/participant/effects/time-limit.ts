import { RetryableError } from '../../errors/error-kinds.ts';
import { TroupeError } from '../../errors/troupe-error.ts';
import { Interrupted, type Tenure } from '../intake/tenure.ts';
import type { Participant } from '../participant.ts';
import type { Attempt } from './attempt.ts';

/**
 * Calls a handler in a slot that was taken for it, and gives the slot back.
 *
 * After `attemptTimeoutMs` its signal is aborted; what it still says within `attemptGraceMs` counts, also that it
 * succeeded. After that it is left to itself: rejects with `attempt-timed-out`, and the handler counts as one that still
 * runs. When the tenure is over it is left at once, with `Interrupted`.
 */
export function callWithinTime<Result>(
  parts: Participant,
  tenure: Tenure,
  attempt: Attempt,
  of: TimedWork,
  call: () => Result | Promise<Result>,
): Result | Promise<Result> {
  let called: Result | Promise<Result>;
  try {
    called = call();
  } catch (error) {
    parts.slots.release(); // before its first await: it took no time
    throw error;
  }
  if (isPromiseLike(called)) {
    return withinTime(parts, tenure, attempt, of, Promise.resolve(called));
  }
  parts.slots.release();
  return called;
}

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

/** What the handler does, and for what: `execute reserve-stock`. */
interface TimedWork {
  readonly action: string;
  readonly subject: string;
}

function withinTime<Result>(
  parts: Participant,
  tenure: Tenure,
  attempt: Attempt,
  of: TimedWork,
  called: Promise<Result>,
): Promise<Result> {
  const { clock, slots, health, limits } = parts;
  const subject = `${of.action} ${of.subject}`;
  return new Promise((resolve, reject) => {
    let left = false;
    let timedOut: Error | undefined;
    let cancelTimer = clock.after(limits.attemptTimeoutMs, () => {
      timedOut = attemptTimedOut(subject, attempt.number, limits.attemptTimeoutMs, undefined);
      attempt.giveUp(timedOut);
      const error = timedOut;
      cancelTimer = clock.after(limits.attemptGraceMs, () => leave(error));
    });
    const forgetTenure = tenure.when('over', () => {
      attempt.giveUp(new TroupeError('stopped', `${subject} is given up: the service stops`));
      leave(new Interrupted());
    });

    function leave(error: Error): void {
      left = true;
      attempt.leave();
      cancelTimer();
      forgetTenure();
      slots.abandon();
      health.begin('handlers-hanging', subject, `${subject} does not end when its signal aborts`);
      reject(error);
    }

    function ended(settle: () => void): void {
      if (left) {
        slots.abandonedEnded();
        health.end('handlers-hanging', subject);
        return;
      }
      cancelTimer();
      forgetTenure();
      slots.release();
      settle();
    }

    called.then(
      (result) => ended(() => resolve(result)),
      (error: unknown) =>
        ended(() =>
          reject(
            timedOut === undefined
              ? error
              : attemptTimedOut(subject, attempt.number, limits.attemptTimeoutMs, error),
          ),
        ),
    );
  });
}

function attemptTimedOut(
  subject: string,
  number: number,
  timeoutMs: number,
  cause: unknown,
): RetryableError {
  return new RetryableError(
    `attempt ${number} of ${subject} took longer than ${timeoutMs} ms (limits.attemptTimeoutMs)`,
    { code: 'attempt-timed-out', ...(cause === undefined ? {} : { cause }) },
  );
}
