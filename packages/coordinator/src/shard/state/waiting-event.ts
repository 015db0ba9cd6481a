import type { IncomingRecord } from '@troupe/core';
import type { SagaRef } from '@troupe/core/internal';

/** An event that names a definition which nobody has published yet. */
export interface WaitingEvent {
  readonly record: IncomingRecord;
  readonly saga: SagaRef;
  /** The definition may come until then. */
  readonly untilMs: number;
}

/** Where a record is in the log: its one identity, whatever its headers say. */
export type RecordPlace = Pick<IncomingRecord, 'topic' | 'partition' | 'offset'>;

/** As it is in `troupe.state`. Bytes as base64: anybody may have written any. */
interface StoredWaitingEvent {
  readonly saga: SagaRef;
  readonly untilMs: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function writeWaitingEvent({ record, saga, untilMs }: WaitingEvent): Uint8Array {
  const { timestampMs, key, value } = record;
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, bytes]) => [name, base64(bytes)]),
  );
  const stored: StoredWaitingEvent = {
    saga,
    untilMs,
    timestampMs,
    key: key && base64(key),
    value: value && base64(value),
    headers,
  };
  return Buffer.from(JSON.stringify(stored));
}

export function readWaitingEvent(json: string, place: RecordPlace): WaitingEvent {
  const stored = JSON.parse(json) as StoredWaitingEvent;
  const { saga, untilMs, timestampMs } = stored;
  const headers = Object.fromEntries(
    Object.entries(stored.headers).map(([name, text]) => [name, bytesOf(text)]),
  );
  const key = stored.key === null ? null : bytesOf(stored.key);
  const value = stored.value === null ? null : bytesOf(stored.value);
  return { record: { ...place, key, value, headers, timestampMs }, saga, untilMs };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

function bytesOf(base64Text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64Text, 'base64'));
}
