import { RetryableError } from '../../../errors/error-kinds.ts';
import { TroupeError } from '../../../errors/troupe-error.ts';
import { type BackOff, backOffMs } from '../../waiting/back-off.ts';

/** How often something is tried, and how long it waits between. */
export interface RetryPolicy extends BackOff {
  /** The first attempt counts. */
  readonly attemptsMax: number;
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
