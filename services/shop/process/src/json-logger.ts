import type { LogFields, Logger } from '@troupe/core';
import { pino } from 'pino';

/** Lines of JSON on standard output, as log collectors read them. */
export function createJsonLogger(service: string, level: string): Logger {
  const lines = pino({
    level,
    base: { service },
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.errWithCause },
  });
  return {
    debug: (message, fields: LogFields = {}) => lines.debug(fields, message),
    info: (message, fields: LogFields = {}) => lines.info(fields, message),
    warn: (message, fields: LogFields = {}) => lines.warn(fields, message),
    error: (message, fields: LogFields = {}) => lines.error(fields, message),
  };
}
