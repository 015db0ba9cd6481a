import type { Clock, Logger } from '@troupe/core';

export interface TelemetryOptions {
  readonly serviceName: string;
  readonly serviceVersion?: string | undefined;
  /**
   * The base address of an OTLP/HTTP collector, such as `http://localhost:4318`. Without it nothing is loaded, nothing
   * is recorded, and every span of Troupe is the API's empty one.
   */
  readonly otlpEndpoint?: string | undefined;
  /** Headers of each export, such as a collector's key. */
  readonly otlpHeaders?: Readonly<Record<string, string>> | undefined;
  /** Further resource attributes of every span, such as `deployment.environment.name`. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** The part of new traces that are recorded, 0 to 1. Default: OTEL_TRACES_SAMPLER, else all. */
  readonly sampleRatio?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}
