import { Buffer } from 'node:buffer';

/** Room for the length of the body, a varint of at most five bytes, before the body itself. */
const lengthBytesMax = 5;
const firstCapacity = 64 * 1024;
/** A larger scratch buffer is given back after its record. */
const keptCapacityMax = 2 * 1024 * 1024;
const namesMax = 256;

/**
 * Writes records of Kafka's record batch format v2, one after the other.
 *
 * Owns one buffer, which every record is built in before it is copied out at its exact size. Synchronous, so that one
 * writer serves a whole process.
 */
export class RecordWriter {
  #bytes = Buffer.allocUnsafeSlow(firstCapacity);
  #at = 0;
  /** Header names as they are on the wire: a program has a handful of them. */
  readonly #names = new Map<string, Buffer>();

  begin(): void {
    this.#at = lengthBytesMax;
  }

  /** The record: the length of what was written since `begin`, and that. */
  end(): Buffer {
    const end = this.#at;
    const bodyBytes = end - lengthBytesMax;
    const start = lengthBytesMax - varintBytes(bodyBytes);
    this.#at = start;
    this.varint(bodyBytes);
    const record = Buffer.allocUnsafe(end - start);
    this.#bytes.copy(record, 0, start, end);
    if (this.#bytes.length > keptCapacityMax) this.#bytes = Buffer.allocUnsafeSlow(firstCapacity);
    return record;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** Zigzag, 32 bits. */
  varint(value: number): void {
    this.#reserve(lengthBytesMax);
    let rest = (value << 1) ^ (value >> 31);
    while ((rest & ~0x7f) !== 0) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  nothing(): void {
    this.varint(-1);
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.#copy(value);
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.#reserve(length);
    // Nearly all texts here are ASCII, which is written several times as fast.
    const encoding = length === value.length ? 'latin1' : 'utf8';
    this.#at += this.#bytes.write(value, this.#at, length, encoding);
  }

  name(value: string): void {
    const known = this.#names.get(value);
    if (known !== undefined) {
      this.#copy(known);
      return;
    }
    const start = this.#at;
    this.text(value);
    if (this.#names.size >= namesMax) return;
    this.#names.set(value, Buffer.from(this.#bytes.subarray(start, this.#at)));
  }

  #copy(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + count));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

function varintBytes(length: number): number {
  let bytes = 1;
  for (let rest = length << 1; rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}
