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
export const uint8Array: avsc.Type = new Uint8ArrayType();
