import { type Clock, TroupeError } from '@troupe/core';

export interface RegistryRetry {
  /** Tries in all. */
  readonly attemptsMax: number;
  /** Before the second try; doubled for each further one. */
  readonly firstDelayMs: number;
  readonly clock: Clock;
}

/** Runs again what failed with `schema-unavailable`, a bounded number of times. Rejects with the last error. */
export async function retryUnavailable<T>(
  { attemptsMax, firstDelayMs, clock }: RegistryRetry,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const mayPass = error instanceof TroupeError && error.code === 'schema-unavailable';
      if (!mayPass || attempt >= attemptsMax) throw error;
      await clock.sleep(firstDelayMs * 2 ** (attempt - 1), signal);
    }
  }
}
