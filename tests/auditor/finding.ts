/** One thing that must not be. */
export interface Finding {
  readonly check: string;
  /** The saga or the place in the log, and what is wrong, as a sentence. */
  readonly text: string;
}

export interface Claims {
  /** Correlation ids of which somebody was told that the broker has their start event. */
  readonly acknowledged: readonly string[];
}
