/** A Jaeger for one test run or demo, with its traces in memory. */
export interface Jaeger {
  /** Where OTLP over HTTP goes in, as in OTEL_EXPORTER_OTLP_ENDPOINT (no `/v1/traces`). */
  readonly otlpEndpoint: string;
  /** Of the query API: `GET {queryUrl}/api/traces/{traceId}`. */
  readonly queryUrl: string;
  stop(): Promise<void>;
}

export interface JaegerOptions {
  readonly signal?: AbortSignal | undefined;
}
