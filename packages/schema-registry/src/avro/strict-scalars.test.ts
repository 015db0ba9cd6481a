import { describe, expect, test } from 'vitest';
import { parseAvroType } from './parse-avro-type.ts';

const long = parseAvroType('"long"');
const timestamp = parseAvroType('{ "type": "long", "logicalType": "timestamp-millis" }');
/** Zigzag, 7 bits a byte, worked out with whole numbers of any size. */
const bytesOf = (value: bigint): Buffer => {
  let rest = value < 0n ? -2n * value - 1n : 2n * value;
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
};

describe('a long', () => {
  test.each([
    ...[0, -1, 1, 2 ** 30, -(2 ** 30) - 1, 2 ** 31, -(2 ** 31) - 1],
    ...[2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1, -(2 ** 52) + 1, -(2 ** 52), -(2 ** 52) - 1],
    ...[-7_555_862_077_994_644, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ])('%d is written and read exactly', (value) => {
    expect(long.toBuffer(value)).toEqual(bytesOf(BigInt(value)));
    expect(long.fromBuffer(bytesOf(BigInt(value)))).toBe(value);
  });

  test.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])('%d is refused', (value) => {
    expect(() => long.fromBuffer(bytesOf(value))).toThrow('a long beyond 2^53 - 1');
    expect(long.isValid(Number(value))).toBe(false);
  });

  test('of more bytes than 64 bits take is refused, however long it is', () => {
    const endless = Buffer.alloc(1_000_000, 0x80);
    expect(() => long.fromBuffer(endless)).toThrow();
    endless[endless.length - 1] = 1;
    expect(() => long.fromBuffer(endless)).toThrow('a long of more than 64 bits');
  });

  test('stands below every timestamp, the earliest included', () => {
    const earliest = new Date(-8.64e15);
    expect(timestamp.fromBuffer(timestamp.toBuffer(earliest))).toEqual(earliest);
  });
});
