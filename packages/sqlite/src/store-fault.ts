import { TroupeError } from '@troupe/core';

/** SQLite's primary result codes after which the same call cannot succeed unless somebody mends the file. */
const lastingCodes: ReadonlySet<number> = new Set([
  8, // READONLY
  11, // CORRUPT
  23, // AUTH
  24, // FORMAT
  26, // NOTADB
]);
const busyCode = 5;

/** An error of SQLite itself, as one that names the file, the action and the way out. */
export function storeFault(path: string, action: string, cause: unknown): TroupeError {
  const code = resultCode(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = code === busyCode ? ' Another process holds the write lock of the file.' : '';
  return new TroupeError('store-unavailable', `${path}: cannot ${action}: ${reason}.${advice}`, {
    cause,
    retryable: code === undefined || !lastingCodes.has(code),
    details: { path, action, resultCode: code },
  });
}

/** The low byte of an extended result code is the primary one. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
