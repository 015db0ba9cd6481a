import type { IncomingRecord } from '../ports/transport.ts';

/** A copy whose bytes are its own, to be held for long (I8). */
export function detachedRecord(record: IncomingRecord): IncomingRecord {
  const headers = Object.entries(record.headers).map(([name, bytes]) => [name, copyOf(bytes)]);
  return {
    ...record,
    key: record.key && copyOf(record.key),
    value: record.value && copyOf(record.value),
    headers: Object.fromEntries(headers),
  };
}

/** Of the same kind; `slice` of a Buffer would be another view. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}
