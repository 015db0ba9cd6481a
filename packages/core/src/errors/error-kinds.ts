import type { ErrorCode } from './error-code.ts';
import { type ErrorDetails, TroupeError, type TroupeErrorOptions } from './troupe-error.ts';

/** For an error kind whose `retryable` is fixed. */
interface KindOptions {
  readonly details?: ErrorDetails | undefined;
  readonly cause?: unknown;
}

type DefinitionCode = Extract<ErrorCode, `definition-${string}`>;

/** A definition is wrong. Thrown where it is defined, with every fault that was found, not the first. */
export class DefinitionError extends TroupeError {
  readonly faults: readonly string[];

  /** `subject` names what is defined: `event shop.OrderPlaced`, `saga place-order`. */
  constructor(
    subject: string,
    faults: readonly string[],
    options: KindOptions & { readonly code?: DefinitionCode | undefined } = {},
  ) {
    const [first = 'no fault was named'] = faults;
    const list = faults.map((fault) => `\n  - ${fault}`).join('');
    const message =
      faults.length > 1 ? `${subject} has ${faults.length} faults:${list}` : `${subject}: ${first}`;
    super(options.code ?? 'definition-invalid', message, {
      cause: options.cause,
      details: { subject, ...options.details },
    });
    this.faults = Object.freeze([...faults]);
  }
}

type ConfigurationCode = Extract<
  ErrorCode,
  'configuration-invalid' | 'topic-missing' | 'partition-count-mismatch' | 'schema-incompatible'
>;

/** The surroundings do not fit: an option, a topic, a schema. Somebody has to change something; retrying does not help. */
export class ConfigurationError extends TroupeError {
  constructor(
    message: string,
    options: KindOptions & { readonly code?: ConfigurationCode | undefined } = {},
  ) {
    super(options.code ?? 'configuration-invalid', message, options);
  }
}

/**
 * Thrown by a handler: try again. Any unknown error is treated the same; this one can say when.
 * `retryAfterMs` is the shortest wait; without it the retry policy decides.
 */
export class RetryableError extends TroupeError {
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    options: KindOptions & {
      readonly retryAfterMs?: number | undefined;
      readonly code?: ErrorCode | undefined;
    } = {},
  ) {
    super(options.code ?? 'retryable', message, {
      details: options.details,
      cause: options.cause,
      retryable: true,
    });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Thrown by a handler: trying again cannot help. The message becomes a dead letter now, and the step is in doubt. */
export class TerminalError extends TroupeError {
  constructor(
    message: string,
    options: KindOptions & { readonly code?: ErrorCode | undefined } = {},
  ) {
    super(options.code ?? 'terminal', message, {
      details: options.details,
      cause: options.cause,
    });
  }
}

/**
 * Thrown by a handler: it failed for good, and nothing happened. The step is not in doubt, so it is not compensated, unless
 * an attempt before it ended in another way.
 */
export class NotDone extends TerminalError {
  constructor(message: string, options: KindOptions = {}) {
    super(message, { ...options, code: 'not-done' });
  }
}

type PoisonCode = Extract<ErrorCode, 'poison-message' | 'header-invalid' | 'schema-unknown'>;

/** A record that cannot be decoded, now or later: it goes to the dead letters unread. */
export class PoisonMessageError extends TroupeError {
  constructor(
    message: string,
    options: KindOptions & { readonly code?: PoisonCode | undefined } = {},
  ) {
    super(options.code ?? 'poison-message', message, options);
  }
}

type TransportCode = Extract<
  ErrorCode,
  | 'transport-unavailable'
  | 'transport-failed'
  | 'producer-fenced'
  | 'message-too-large'
  | 'topic-missing'
  | 'partition-count-mismatch'
  | 'offset-out-of-range'
  | 'not-authorized'
  | 'limit-exceeded'
  | 'stopped'
>;

/** The log or its client failed. `retryable` says whether the same call may succeed on the same connection. */
export class TransportError extends TroupeError {
  constructor(code: TransportCode, message: string, options: TroupeErrorOptions = {}) {
    super(code, message, { retryable: code === 'transport-unavailable', ...options });
  }
}
