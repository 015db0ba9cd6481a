import { Buffer } from 'node:buffer';

const firstCapacity = 256 * 1024;
/** A larger buffer is given back after its request. */
const keptCapacityMax = 4 * 1024 * 1024;
const varintBytesMax = 5;
const namesMax = 256;

/**
 * Writes the types of Kafka's protocol, one after the other, into one buffer that grows.
 *
 * Owns the buffer. What was written is copied out at its exact size, so one writer serves a whole process, as long as
 * each of its users comes to an end before the next one begins: nothing here waits.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(firstCapacity);
  #at = 0;
  /** Header names as they are on the wire: a program has a handful of them. */
  readonly #names = new Map<string, Buffer>();

  /** How much was written: where the next byte goes. */
  get at(): number {
    return this.#at;
  }

  /** For who reads what was written; not to be kept. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  begin(): void {
    this.#at = 0;
  }

  /** A copy of what was written since `begin`. */
  end(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.#at);
    this.#bytes.copy(copy, 0, 0, this.#at);
    if (this.#bytes.length > keptCapacityMax) this.#bytes = Buffer.allocUnsafeSlow(firstCapacity);
    return copy;
  }

  int8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  int16(value: number): void {
    this.#reserve(2);
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
  }

  /** Overwrites four bytes that were written before. */
  int32At(at: number, value: number): void {
    this.#bytes.writeInt32BE(value | 0, at);
  }

  /** Its length in 16 bits, -1 for null, and its UTF-8 bytes. */
  string(value: string | null): void {
    if (value === null) {
      this.int16(-1);
      return;
    }
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.#text(value, length);
  }

  /** Zigzag, 32 bits. */
  varint(value: number): void {
    this.#reserve(varintBytesMax);
    let rest = (value << 1) ^ (value >> 31);
    while ((rest & ~0x7f) !== 0) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  /** Its length as a varint, -1 for null, and the bytes. */
  varintBytes(value: Uint8Array | string | null): void {
    if (value === null) {
      this.varint(-1);
    } else if (typeof value === 'string') {
      const length = Buffer.byteLength(value);
      this.varint(length);
      this.#text(value, length);
    } else {
      this.varint(value.length);
      this.#copy(value);
    }
  }

  /** As `varintBytes`, for a text of which there are few. */
  name(value: string): void {
    const known = this.#names.get(value);
    if (known !== undefined) {
      this.#copy(known);
      return;
    }
    const start = this.#at;
    this.varintBytes(value);
    if (this.#names.size >= namesMax) return;
    this.#names.set(value, Buffer.from(this.#bytes.subarray(start, this.#at)));
  }

  /** Writes what `write` writes, and before it its length as a varint. */
  withLength(lengthBytesExpected: number, write: () => void): number {
    const start = this.#at;
    this.#reserve(varintBytesMax);
    this.#at = start + lengthBytesExpected;
    write();
    const length = this.#at - start - lengthBytesExpected;
    const lengthBytes = varintLength(length);
    if (lengthBytes !== lengthBytesExpected) {
      this.#reserve(varintBytesMax);
      const body = start + lengthBytesExpected;
      this.#bytes.copyWithin(start + lengthBytes, body, body + length);
    }
    this.#at = start;
    this.varint(length);
    this.#at = start + lengthBytes + length;
    return lengthBytes;
  }

  #text(value: string, length: number): void {
    this.#reserve(length);
    // Nearly all texts here are ASCII, which is written several times as fast.
    const encoding = length === value.length ? 'latin1' : 'utf8';
    this.#at += this.#bytes.write(value, this.#at, length, encoding);
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

function varintLength(length: number): number {
  let bytes = 1;
  for (let rest = length << 1; rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}
