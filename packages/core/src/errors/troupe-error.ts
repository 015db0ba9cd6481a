import type { ErrorCode } from './error-code.ts';

/** Ids and quantities that a person or a dashboard needs to find the thing; plain data only. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

export interface TroupeErrorOptions {
  readonly retryable?: boolean | undefined;
  readonly details?: ErrorDetails | undefined;
  /** Always pass the error that this one explains. */
  readonly cause?: unknown;
}

const noDetails: ErrorDetails = Object.freeze({});

/**
 * The base of every error that Troupe throws. The message says what happened, with which ids, and what to do next;
 * `code` is for matching; `retryable` says whether the same call may succeed later without anybody changing anything.
 */
export class TroupeError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: TroupeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? noDetails;
  }

  override get name(): string {
    return this.constructor.name;
  }
}
