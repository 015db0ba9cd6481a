import type { LogFields, Logger } from '../ports/logger.ts';

/** Writes `own` into every line beside what the line says itself. */
export function loggerWith(logger: Logger, own: LogFields): Logger {
  return {
    debug: (message, fields) => logger.debug(message, { ...own, ...fields }),
    info: (message, fields) => logger.info(message, { ...own, ...fields }),
    warn: (message, fields) => logger.warn(message, { ...own, ...fields }),
    error: (message, fields) => logger.error(message, { ...own, ...fields }),
  };
}
