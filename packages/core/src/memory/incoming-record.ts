import { Buffer } from 'node:buffer';
import type { IncomingRecord, OutgoingRecord } from '../ports/transport.ts';

/** The bytes that a foreign client may put on a topic: no key, any headers. */
export interface RawRecord extends Omit<OutgoingRecord, 'key' | 'partition'> {
  readonly key: string | Uint8Array | null;
}

/** What readers get. Made once, when the record is appended: all groups share it, so nobody may change it. */
export function toIncomingRecord(
  raw: RawRecord,
  partition: number,
  offset: number,
  timestampMs: number,
): IncomingRecord {
  const headers: Record<string, Uint8Array> = {};
  for (const name in raw.headers) {
    const value = raw.headers[name];
    if (value !== undefined) headers[name] = typeof value === 'string' ? Buffer.from(value) : value;
  }
  return {
    topic: raw.topic,
    partition,
    offset: BigInt(offset),
    key: typeof raw.key === 'string' ? Buffer.from(raw.key) : raw.key,
    value: raw.value,
    headers,
    timestampMs,
  };
}

/** Upper bound of the bytes that a record takes in a batch (KIP-98 format, all lengths as five-byte varints). */
export function recordBytes(record: RawRecord): number {
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
