export type { ErrorCode } from './errors/error-code.ts';
export {
  ConfigurationError,
  DefinitionError,
  NotDone,
  PoisonMessageError,
  RetryableError,
  TerminalError,
  TransportError,
} from './errors/error-kinds.ts';
export { type ErrorDetails, TroupeError, type TroupeErrorOptions } from './errors/troupe-error.ts';
export type { TroupeTypeError } from './type-error.ts';
