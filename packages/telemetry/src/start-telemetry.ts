import { context, diag, isSpanContextValid, logs, propagation, trace } from '@opentelemetry/api';
import { type Clock, type Logger, silentLogger, systemClock, TroupeError } from '@troupe/core';
import { diagToLogger } from './diag-log.ts';
import { readOtlpAddress } from './otlp-address.ts';
import { telemetryLimits } from './telemetry-limits.ts';
import type { TelemetryOptions } from './telemetry-options.ts';

export interface Telemetry {
  /** Sends what is left, within a few seconds, then ends. Never rejects. Idempotent. */
  stop(): Promise<void>;
}

let running = false;

/**
 * Starts OpenTelemetry for this process: traces by OTLP over HTTP, W3C trace context and baggage, nothing that patches
 * other modules. Call it first thing in `main.ts`. Where another OpenTelemetry SDK was registered before, that one is
 * used as it is.
 *
 * It reads no environment itself. The SDK does read OTEL_SDK_DISABLED, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
 * OTEL_SPAN_* limits and OTEL_EXPORTER_OTLP_* for what is not given here.
 *
 * Rejects with `configuration-invalid` for an address that is none, and with `conflict` when it runs already.
 *
 * @example
 * const telemetry = await startTelemetry({ serviceName: 'payment', otlpEndpoint: 'http://localhost:4318' });
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { otlpEndpoint, logger = silentLogger, clock = systemClock } = options;
  if (otlpEndpoint === undefined || otlpEndpoint === '') return noTelemetry;
  const address = readOtlpAddress(otlpEndpoint);
  if (running) {
    throw new TroupeError('conflict', 'telemetry runs already: start it once a process');
  }
  if (anotherSdkRuns()) {
    logger.info('telemetry: an OpenTelemetry SDK runs already and is used as it is');
    return noTelemetry;
  }
  running = true;
  try {
    // Only now: loading it takes some 300 ms and 35 MB.
    const { createSdk } = await import('./otel-sdk.ts');
    const sdk = createSdk(options, address, telemetryLimits);
    // After the SDK was made, which sets a logger to the console when OTEL_LOG_LEVEL is there.
    diag.setLogger(diagToLogger(logger, clock), { suppressOverrideMessage: true });
    sdk.start();
    logger.info('telemetry: traces go to the collector', { url: address.url });
    return stoppedOnce(() => stopWithin(() => sdk.shutdown(), logger, clock));
  } catch (error) {
    running = false;
    throw error;
  }
}

const noTelemetry: Telemetry = { stop: () => Promise.resolve() };

/** The API's own tracer makes spans without an id. */
function anotherSdkRuns(): boolean {
  const probe = trace.getTracer('@troupe/telemetry').startSpan('probe', {}, context.active());
  return isSpanContextValid(probe.spanContext());
}

function stoppedOnce(stop: () => Promise<void>): Telemetry {
  let stopped: Promise<void> | undefined;
  return {
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function stopWithin(
  shutdown: () => Promise<void>,
  logger: Logger,
  clock: Clock,
): Promise<void> {
  const { stopTimeoutMs } = telemetryLimits;
  const waiting = new AbortController();
  try {
    await Promise.race([
      shutdown(),
      clock.sleep(stopTimeoutMs, waiting.signal).then(
        () => {
          throw new TroupeError('timed-out', `the collector took longer than ${stopTimeoutMs} ms`);
        },
        () => undefined, // aborted, because the shutdown was sooner
      ),
    ]);
  } catch (error) {
    logger.warn('telemetry: the last traces were not sent', { error });
  } finally {
    waiting.abort();
    // So that it can be started again, and spans of what still runs cost nothing.
    trace.disable();
    context.disable();
    propagation.disable();
    logs.disable();
    diag.disable();
    running = false;
  }
}
