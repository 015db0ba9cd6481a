/** How long somebody waits between attempts. Exponential with full jitter. */
export interface BackOff {
  /** The longest wait after the first attempt; it doubles with each further one. */
  readonly firstDelayMs: number;
  /** No wait is longer. */
  readonly delayMsMax: number;
}

/** Full jitter: anything from 0 to the wait that doubles with each attempt. */
export function backOffMs(
  attempt: number,
  { firstDelayMs, delayMsMax }: BackOff,
  fraction: number,
): number {
  // Beyond 2^30 doubling says nothing any more, and the power would overflow.
  const ceilingMs = Math.min(delayMsMax, firstDelayMs * 2 ** Math.min(attempt - 1, 30));
  return Math.ceil(ceilingMs * fraction);
}
