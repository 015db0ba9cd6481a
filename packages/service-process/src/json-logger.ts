import { ConfigurationError, type LogFields, type Logger, TroupeError } from '@troupe/core';
import { pino } from 'pino';

/** Lines of JSON on standard output, as log collectors read them. */
export function createJsonLogger(service: string, level: string): Logger {
  const lines = pino({
    level,
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: loggedError },
  });
  // Not in `base`: what logs for the service may name it too, and one line has one `service`.
  const own = (fields: LogFields = {}) => ({ service, ...fields });
  return {
    debug: (message, fields) => lines.debug(own(fields), message),
    info: (message, fields) => lines.info(own(fields), message),
    warn: (message, fields) => lines.warn(own(fields), message),
    error: (message, fields) => lines.error(own(fields), message),
  };
}

/** What somebody has to set right, or to start. */
function isOutside(error: unknown): error is TroupeError {
  return (
    error instanceof ConfigurationError ||
    (error instanceof TroupeError && error.code.endsWith('-unavailable'))
  );
}

/** What is wrong outside needs no stack: it would hide the sentence that says what. */
function loggedError(error: unknown): unknown {
  if (isOutside(error)) {
    const { name: type, code, message, details } = error;
    return { type, code, message, details };
  }
  return error instanceof Error ? pino.stdSerializers.errWithCause(error) : error;
}
