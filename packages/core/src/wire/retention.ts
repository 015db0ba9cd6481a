const dayMs = 24 * 60 * 60_000;
const retentionMsMin = 7 * dayMs;
/** After this time at the latest a broker begins another segment of a partition, unless it is told otherwise. */
const segmentMs = 7 * dayMs;

/** How long topics keep the events of sagas of which the longest may take `timeoutMs`: twice that, at least 7 days. */
export function retentionMsOf(timeoutMs: number): number {
  return Math.max(retentionMsMin, 2 * timeoutMs);
}

/**
 * How old an event may be that comes again. A broker deletes whole segments: the first event of one is there until the
 * last is old enough.
 */
export function eventAgeMsMax(timeoutMs: number): number {
  return retentionMsOf(timeoutMs) + segmentMs;
}
