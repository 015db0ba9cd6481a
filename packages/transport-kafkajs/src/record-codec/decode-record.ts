import { Buffer } from 'node:buffer';
import { TextMemory } from '@troupe/core/internal';

/** What the client's decoder of one record batch hands to that of its records. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly magicByte: number;
  readonly isControlBatch?: boolean | undefined;
  /** 1 is `LogAppendTime`. */
  readonly timestampType?: number | undefined;
}

/** What the client makes of a record. */
export interface DecodedRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | null | (Buffer | null)[]>>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

/** The client's decoder: a buffer and how far it was read. */
export interface RecordSource {
  readonly buffer: Buffer;
  offset: number;
}

export const logAppendTime = 1;
/** The lengths of its name and of its value. */
const headerBytesMin = 2;
const names = new TextMemory((bytes) => Buffer.from(bytes).toString('utf8'));

/**
 * Decodes a record, whose length was read before, in one pass: where the client's own decoder copies the object of all
 * headers for each header, this one adds to it. The same result.
 */
export function decodeRecord(source: RecordSource, context: BatchContext): DecodedRecord {
  const cursor = new Cursor(source.buffer, source.offset);
  const attributes = (cursor.byte() << 24) >> 24;
  const timestampDelta = cursor.varlong();
  const offsetDelta = cursor.varint();
  const key = cursor.bytes();
  const value = cursor.bytes();
  const headers = readHeaders(cursor);
  source.offset = cursor.at;
  return {
    magicByte: context.magicByte,
    attributes,
    timestamp:
      context.timestampType === logAppendTime
        ? context.maxTimestamp
        : sum(context.firstTimestamp, timestampDelta),
    offset: sum(context.firstOffset, offsetDelta),
    key,
    value,
    headers,
    isControlRecord: context.isControlBatch === true,
    batchContext: context,
  };
}

function readHeaders(cursor: Cursor): DecodedRecord['headers'] {
  const headers: Record<string, Buffer | null | (Buffer | null)[]> = {};
  const count = cursor.varint();
  if (count * headerBytesMin > cursor.left) {
    throw new RangeError(`A record of ${cursor.left} bytes cannot have ${count} headers.`);
  }
  for (let index = 0; index < count; index += 1) {
    const name = cursor.name();
    const value = cursor.bytes();
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else addUnusual(headers, name, value, before);
  }
  return headers;
}

/** A header that is there already, or is named like something that every object has. */
function addUnusual(
  headers: DecodedRecord['headers'],
  name: string,
  value: Buffer | null,
  before: Buffer | null | (Buffer | null)[],
): void {
  const all = Array.isArray(before) ? [...before, value] : [before, value];
  Object.defineProperty(headers, name, {
    value: Object.hasOwn(headers, name) ? all : value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Offsets and times come as decimal text. All but the first few of a large cluster's life fit into a number. */
function sum(first: string, delta: number): string {
  const total = Number(first) + delta;
  return Number.isSafeInteger(total) ? String(total) : String(BigInt(first) + BigInt(delta));
}

class Cursor {
  readonly #buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer;
    this.at = at;
  }

  get left(): number {
    return this.#buffer.length - this.at;
  }

  byte(): number {
    return this.#buffer[this.at++] ?? 0;
  }

  varint(): number {
    let bits = 0;
    let byte = 0;
    let shift = 0;
    do {
      byte = this.byte();
      bits |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    return (bits >>> 1) ^ -(bits & 1);
  }

  /** As a number: times and their differences are far below 2^53. */
  varlong(): number {
    let bits = 0;
    let byte = 0;
    let factor = 1;
    do {
      byte = this.byte();
      bits += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80);
    return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const start = this.at;
    this.at = start + length;
    return this.#buffer.subarray(start, this.at);
  }

  name(): string {
    const length = this.varint();
    const start = this.at;
    this.at = start + Math.max(length, 0);
    return names.read(this.#buffer, start, this.at);
  }
}
