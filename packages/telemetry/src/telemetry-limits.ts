/** Bounds of what is kept for and sent to a collector, which may be slow or away. */
export const telemetryLimits = {
  /** Beyond it spans are dropped: some 30 MB at most. */
  bufferedSpansMax: 16_384,
  spansPerExportMax: 1_024,
  /** Traces are looked at while the saga runs. */
  exportEveryMs: 1_000,
  /** One export, its retries included. */
  exportTimeoutMs: 5_000,
  stopTimeoutMs: 3_000,
  attributeValueLengthMax: 4_096,
} as const;

export type TelemetryLimits = Readonly<Record<keyof typeof telemetryLimits, number>>;
