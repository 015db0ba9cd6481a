import type { DiagLogger } from '@opentelemetry/api';
import type { Clock, Logger } from '@troupe/core';

/** One line in a minute says that the collector is away; one for each batch would bury everything else. */
const repeatAfterMs = 60_000;

/**
 * What OpenTelemetry has to say, on the service's own log. Never above `warn`: lost traces harm no saga. Lines that come
 * faster than one a minute are counted, not written.
 */
export function diagToLogger(logger: Logger, clock: Clock): DiagLogger {
  let lastMs = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  const warn = (message: string, ...details: readonly unknown[]) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lastMs < repeatAfterMs) {
      suppressed += 1;
      return;
    }
    lastMs = nowMs;
    logger.warn(`telemetry: ${plainMessage(message)}`, { suppressed, details });
    suppressed = 0;
  };
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}

const ignore = (): void => undefined;

/** The SDK hands over an error as JSON with its stack; people want its message. */
function plainMessage(message: string): string {
  try {
    const error: unknown = JSON.parse(message);
    if (typeof error !== 'object' || error === null) return message;
    const { message: text, code } = error as {
      readonly message?: unknown;
      readonly code?: unknown;
    };
    return [text, code].filter((part) => typeof part === 'string' && part !== '').join(' ');
  } catch {
    return message; // it was no JSON, but a sentence
  }
}
