import { Buffer } from 'node:buffer';
import { avsc, type CheckHook, type Tap } from './avsc-boundary.ts';

/** 32 bits: avsc reads whatever number the bytes make. */
class StrictIntType extends avsc.types.IntType {
  _read(tap: Tap): number {
    const value = tap.readLong();
    if (value !== (value | 0)) throw new Error('an int of more than 32 bits');
    return value;
  }
}

/** Up to here on both sides avsc's arithmetic is exact; below it drops the sign or the last bit. */
const exactMax = 2 ** 52;
/** Of 64 bits, 7 in a byte. */
const longBytesMax = 10;

/** Every whole number up to 2^53 - 1, exactly: avsc turns some negative ones beyond 2^52 into others. */
class StrictLongType extends avsc.types.LongType {
  _check(value: unknown, _flags: unknown, hook: CheckHook): boolean {
    const valid = Number.isSafeInteger(value);
    if (!valid) hook?.(value, this);
    return valid;
  }

  _read(tap: Tap): number {
    const start = tap.pos;
    const value = tap.readLong();
    return value > -exactMax && value < exactMax ? value : readExactly(tap, start);
  }

  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw new Error('no whole number up to 2^53 - 1');
    }
    if (value >= -exactMax) tap.writeLong(value);
    else writeExactly(tap, value);
  }
}

/** Reads again what ends at the tap's position. */
function readExactly({ buf, pos }: Tap, start: number): number {
  if (pos - start > longBytesMax) throw new Error('a long of more than 64 bits');
  let zigzag = 0n;
  for (let at = pos - 1; at >= start; at--) zigzag = (zigzag << 7n) | BigInt((buf[at] ?? 0) & 0x7f);
  const value = Number((zigzag >> 1n) ^ -(zigzag & 1n));
  if (!Number.isSafeInteger(value)) throw new Error('a long beyond 2^53 - 1');
  return value;
}

function writeExactly(tap: Tap, value: number): void {
  let zigzag = BigInt(value) * -2n - 1n;
  for (; zigzag > 0x7fn; zigzag >>= 7n) tap.buf[tap.pos++] = Number(zigzag & 0x7fn) | 0x80;
  tap.buf[tap.pos++] = Number(zigzag);
}

/** Bytes as Uint8Array, where avsc takes and gives Buffers only. */
class Uint8ArrayType extends avsc.types.BytesType {
  _check(value: unknown, _flags: unknown, hook: CheckHook): boolean {
    const valid = value instanceof Uint8Array;
    if (!valid) hook?.(value, this);
    return valid;
  }

  _read(tap: Tap): Uint8Array {
    const length = tap.readLong();
    const { buf, pos } = tap;
    if (!(length >= 0 && pos + length <= buf.length)) {
      tap.pos = buf.length + 1; // how avsc is told that the bytes ended too soon
      return new Uint8Array(0);
    }
    tap.pos = pos + length;
    // A copy, so that one small field does not keep a whole fetch in memory.
    return new Uint8Array(buf.subarray(pos, tap.pos));
  }

  _write(tap: Tap, value: unknown): void {
    if (!(value instanceof Uint8Array)) throw new Error('no Uint8Array');
    tap.writeLong(value.length);
    const { pos } = tap;
    tap.pos = pos + value.length;
    if (tap.pos <= tap.buf.length) tap.buf.set(value, pos);
  }

  /** `coerce` 2 and 3: from and to the text of a default, one character a byte. */
  _copy(value: unknown, options?: { readonly coerce?: number }): unknown {
    if (options?.coerce === 2) {
      if (typeof value !== 'string') throw new Error('bytes are written as text in a schema');
      return new Uint8Array(Buffer.from(value, 'latin1'));
    }
    if (!(value instanceof Uint8Array)) throw new Error('no Uint8Array');
    return options?.coerce === 3 ? Buffer.from(value).toString('latin1') : new Uint8Array(value);
  }
}

export const strictInt: avsc.Type = new StrictIntType();
export const strictLong: avsc.Type = new StrictLongType();
export const uint8Array: avsc.Type = new Uint8ArrayType();
