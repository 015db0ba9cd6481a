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
