import { TroupeError } from '../../errors/troupe-error.ts';

/** For machines: the error's code, or that its attempts were used up. */
export function errorCode(error: unknown): string {
  return error instanceof TroupeError ? error.code : 'attempts-exhausted';
}

/** For people: its message, cut, and never empty. */
export function errorText(error: unknown, lengthMax: number): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  // Half of a surrogate pair, or a lone one in what was thrown, has no UTF-8.
  return text.slice(0, lengthMax).toWellFormed() || 'no text was given';
}
