import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  envDetector,
  hostDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { OtlpAddress } from './otlp-address.ts';
import type { TelemetryLimits } from './telemetry-limits.ts';
import type { TelemetryOptions } from './telemetry-options.ts';

/** The SDK with one exporter of traces and nothing else. Does not start it. Loaded only where it is used. */
export function createSdk(
  options: TelemetryOptions,
  address: OtlpAddress,
  limits: TelemetryLimits,
): NodeSDK {
  const { serviceName, serviceVersion, attributes, otlpHeaders, sampleRatio } = options;
  const exporter = new OTLPTraceExporter({
    url: address.url,
    headers: { ...address.headers, ...otlpHeaders },
    timeoutMillis: limits.exportTimeoutMs,
  });
  const spanProcessor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: limits.bufferedSpansMax,
    maxExportBatchSize: limits.spansPerExportMax,
    scheduledDelayMillis: limits.exportEveryMs,
    exportTimeoutMillis: limits.exportTimeoutMs,
  });
  return new NodeSDK({
    resource: resourceFromAttributes({
      ...attributes,
      [ATTR_SERVICE_NAME]: serviceName,
      ...(serviceVersion === undefined ? {} : { [ATTR_SERVICE_VERSION]: serviceVersion }),
    }),
    // Without the detector of processes: a command line may hold secrets.
    resourceDetectors: [serviceInstanceIdDetector, hostDetector, envDetector],
    // W3C whatever OTEL_PROPAGATORS says: the headers of an event are a promise to other services.
    textMapPropagator: new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
    spanProcessors: [spanProcessor],
    spanLimits: { attributeValueLengthLimit: limits.attributeValueLengthMax },
    // Given empty, because the SDK would start exporters of its own for what is left out.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
    ...(sampleRatio === undefined
      ? {}
      : { sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRatio) }) }),
  });
}
