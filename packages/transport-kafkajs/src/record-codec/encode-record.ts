import { Buffer } from 'node:buffer';
import { RecordWriter } from './record-writer.ts';

/** What the client encodes: one message of a partition's batch. */
export interface RecordParts {
  readonly offsetDelta?: number | undefined;
  readonly timestampDelta?: number | undefined;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** What the client takes for an encoded record, like its own `Encoder`. */
export interface EncodedRecord {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

const noHeaders: Readonly<Record<string, unknown>> = {};
const writer = new RecordWriter();

/**
 * Encodes a record in one buffer, where the client's own encoder makes one of 512 bytes for the record, one for each
 * header, and one for each varint. The same bytes. Undefined for what Troupe never sends (a header that is repeated or
 * null, a key that is neither bytes nor text, a time beyond 32 bits): that is left to the client's encoder.
 */
export function encodeRecord(parts: RecordParts): EncodedRecord | undefined {
  const { offsetDelta = 0, timestampDelta = 0, key, value, headers = noHeaders } = parts;
  if (!isInt32(offsetDelta) || !isInt32(timestampDelta)) return undefined;
  if (!isUsual(key ?? '') || !isUsual(value ?? '')) return undefined;
  const names = Object.keys(headers);
  for (const name of names) if (!isUsual(headers[name])) return undefined;
  writer.begin();
  writer.byte(0); // no attributes
  writer.varint(timestampDelta);
  writer.varint(offsetDelta);
  write(key);
  write(value);
  writer.varint(names.length);
  for (const name of names) {
    writer.name(name);
    write(headers[name]);
  }
  const buffer = writer.end();
  return { buf: buffer, buffer };
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function isUsual(value: unknown): boolean {
  return typeof value === 'string' || Buffer.isBuffer(value);
}

function write(value: unknown): void {
  if (typeof value === 'string') writer.text(value);
  else if (Buffer.isBuffer(value)) writer.bytes(value);
  else writer.nothing();
}
