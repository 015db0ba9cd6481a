import { RetryableError } from '../../errors/error-kinds.ts';
import { TroupeError } from '../../errors/troupe-error.ts';

/** How often something is tried, and how long it waits between. Exponential with full jitter. */
export interface RetryPolicy {
  /** The first attempt counts. */
  readonly attemptsMax: number;
  /** The longest wait after the first attempt; it doubles with each further one. */
  readonly firstDelayMs: number;
  /** No wait is longer. */
  readonly delayMsMax: number;
}

/** What a failed attempt leads to. */
export type AfterFailure =
  | { readonly retry: true; readonly delayMs: number }
  | { readonly retry: false; readonly why: 'terminal' | 'attempts-used-up' };

/**
 * Says what follows a failed attempt. Pure: `fraction` is a random number from 0 up to 1.
 *
 * Errors of Troupe that are not retryable end it at once (`TerminalError`, `NotDone`, a payload that is refused); any other
 * throw is tried again until `attemptsMax`.
 */
export function afterFailure(
  error: unknown,
  attempt: number,
  policy: RetryPolicy,
  retryAfterMsMax: number,
  fraction: number,
): AfterFailure {
  if (error instanceof TroupeError && !error.retryable) return { retry: false, why: 'terminal' };
  if (attempt >= policy.attemptsMax) return { retry: false, why: 'attempts-used-up' };
  const delayMs = backOffMs(attempt, policy, fraction);
  const asked = error instanceof RetryableError ? error.retryAfterMs : undefined;
  // The handler knows the shortest wait; the limit keeps one key from being parked for good.
  return { retry: true, delayMs: Math.max(delayMs, Math.min(asked ?? 0, retryAfterMsMax)) };
}

/** Full jitter: anything from 0 to the wait that doubles with each attempt. */
export function backOffMs(
  attempt: number,
  { firstDelayMs, delayMsMax }: Pick<RetryPolicy, 'firstDelayMs' | 'delayMsMax'>,
  fraction: number,
): number {
  // Beyond 2^30 doubling says nothing any more, and the power would overflow.
  const ceilingMs = Math.min(delayMsMax, firstDelayMs * 2 ** Math.min(attempt - 1, 30));
  return Math.ceil(ceilingMs * fraction);
}
