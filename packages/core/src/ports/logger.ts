/** Structured logging. The names follow pino and the OpenTelemetry log levels; `fields` are plain data. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogFields {
  readonly error?: unknown;
  readonly [field: string]: unknown;
}

const nothing = (): void => undefined;

/** Says nothing: the default of everything that takes a logger in a library's place. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
