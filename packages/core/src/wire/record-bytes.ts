import { Buffer } from 'node:buffer';
import type { Headers } from '../ports/transport.ts';

interface SizedRecord {
  readonly key: string | Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
}

/** Upper bound of the bytes that a record takes in a batch (KIP-98 format, all lengths as five-byte varints). */
export function recordBytes(record: SizedRecord): number {
  let bytes = 40 + (record.value?.length ?? 0);
  if (record.key !== null) bytes += byteLength(record.key);
  for (const name in record.headers) {
    const value = record.headers[name];
    if (value !== undefined) bytes += 10 + byteLength(name) + byteLength(value);
  }
  return bytes;
}

function byteLength(value: string | Uint8Array): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}
