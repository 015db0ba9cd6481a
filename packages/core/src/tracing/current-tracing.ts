import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import { openTelemetryTracing } from './open-telemetry-tracing.ts';
import { passThroughTracing } from './pass-through-tracing.ts';
import type { Tracing } from './tracing.ts';

/** The instrumentation scope of every span of Troupe. */
const tracerName = '@troupe/core';

/**
 * Traces by the SDK that this process has started, or passes contexts through when it has none. Ask once, when starting:
 * without an SDK each message then costs next to nothing.
 */
export function currentTracing(): Tracing {
  return hasSdk() ? openTelemetryTracing(trace.getTracer(tracerName)) : passThroughTracing;
}

function hasSdk(): boolean {
  const provider = trace.getTracerProvider();
  return !(
    provider instanceof ProxyTracerProvider && provider.getDelegateTracer(tracerName) === undefined
  );
}
