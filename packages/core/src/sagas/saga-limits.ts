/** Named limits of the saga rules. All durations in milliseconds. */
export interface SagaLimits {
  /** An outcome waits this long for its start. */
  readonly earlyRetentionMs: number;
  /** An ended saga is remembered this long, so that a late duplicate of its start does not begin it again. */
  readonly endedRetentionMs: number;
  /** A participant has this long to answer a request for compensation before the saga is visibly stuck. */
  readonly compensationTimeoutMs: number;
  /** After the pivot a failed step is asked for again: first after this, then after twice this, and so on. */
  readonly retryDelayMs: number;
  /** The most of that. What follows from a time limit, and could not be carried out, is tried again after this. */
  readonly retryDelayMsMax: number;
  /** Asked for again so often, it is not asked for any more: the saga is stuck. */
  readonly retriesMax: number;
  /** Different success events of one step that are kept apart; more are a deviation. */
  readonly successesMax: number;
  /** Different failure events of one step that are kept apart; more are a deviation. */
  readonly failuresMax: number;
  /** Deviations of one saga that are written down; the rest is only refused. */
  readonly deviationsMax: number;
}

export const defaultSagaLimits: SagaLimits = {
  earlyRetentionMs: 10 * 60_000,
  endedRetentionMs: 60 * 60_000,
  compensationTimeoutMs: 5 * 60_000,
  retryDelayMs: 1_000,
  retryDelayMsMax: 5 * 60_000,
  retriesMax: 8,
  successesMax: 8,
  failuresMax: 32,
  deviationsMax: 100,
};
