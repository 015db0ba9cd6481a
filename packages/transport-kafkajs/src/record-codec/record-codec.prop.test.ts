import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord } from './decode-record.ts';
import { encodeRecord } from './encode-record.ts';

// The client's own codec, which must give the same.
const clientRequire = createRequire(import.meta.url);
const protocol = 'kafkajs/src/protocol';
const clientEncode = clientRequire(`${protocol}/recordBatch/record/v0/index.js`);
const clientDecode = clientRequire(`${protocol}/recordBatch/record/v0/decoder.js`);
const ClientDecoder = clientRequire(`${protocol}/decoder.js`);

const text = fc.string({ unit: 'grapheme', maxLength: 80 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const large = fc.constantFrom(Buffer.alloc(70_000, 1), 'ü'.repeat(70_000));
const content = fc.oneof({ weight: 8, arbitrary: text }, { weight: 8, arbitrary: bytes }, large);
const names = fc.oneof(text, fc.constantFrom('ce_id', 'constructor', 'toString', 'hasOwnProperty'));
const record = fc.record({
  offsetDelta: fc.nat(2 ** 31 - 1),
  timestampDelta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  key: fc.option(content),
  value: fc.option(content),
  headers: fc.dictionary(names, content, { maxKeys: 12, noNullPrototype: true }),
});
const context = fc.record({
  firstOffset: fc.bigInt(0n, 2n ** 62n).map(String),
  firstTimestamp: fc.bigInt(-1n, 2n ** 41n).map(String),
  maxTimestamp: fc.bigInt(1n, 2n ** 41n).map(String),
  magicByte: fc.constant(2),
  isControlBatch: fc.boolean(),
  timestampType: fc.constantFrom(0, 1),
});

describe('the record codec', () => {
  test('writes the bytes that the client writes', () => {
    fc.assert(
      fc.property(record, (parts) => {
        const encoded = encodeRecord(parts);
        expect(encoded?.buffer.equals(clientEncode(parts).buffer)).toBe(true);
      }),
    );
  });

  test('reads what the client reads', () => {
    fc.assert(
      fc.property(record, context, (parts, batch) => {
        const encoded: Buffer = clientEncode(parts).buffer;
        const opened = () => {
          const source = new ClientDecoder(encoded);
          source.readVarInt(); // the length
          return source;
        };
        const own = decodeRecord(opened(), batch);
        const usual = clientDecode(opened(), batch);
        // The client mixes up headers that are named like methods of every object.
        const { headers, ...rest } = own;
        const { headers: _, ...usualRest } = usual;
        expect(rest).toEqual(usualRest);
        const sent = Object.entries(parts.headers).map(([name, value]) => [
          name,
          Buffer.from(value),
        ]);
        expect(Object.entries(headers)).toEqual(sent);
      }),
    );
  });

  test('a header that was sent twice has both values, in order', () => {
    const headers = { once: 'a', twice: ['b', 'c', 'd'] };
    const source = new ClientDecoder(clientEncode({ key: 'k', value: 'v', headers }).buffer);
    source.readVarInt();
    const batch = { firstOffset: '0', firstTimestamp: '0', maxTimestamp: '0', magicByte: 2 };
    expect(decodeRecord(source, batch).headers).toEqual({
      once: Buffer.from('a'),
      twice: ['b', 'c', 'd'].map((value) => Buffer.from(value)),
    });
  });

  test('a header named __proto__ is a header', () => {
    const headers = Object.fromEntries([['__proto__', 'x']]);
    const encoded = encodeRecord({ value: 'v', headers });
    const source = new ClientDecoder(encoded?.buffer);
    source.readVarInt();
    const batch = { firstOffset: '0', firstTimestamp: '0', maxTimestamp: '0', magicByte: 2 };
    const decoded = decodeRecord(source, batch).headers;
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });

  test('leaves to the client what it does not know', () => {
    expect(encodeRecord({ value: 'v', headers: { a: ['b', 'c'] } })).toBeUndefined();
    expect(encodeRecord({ value: 'v', headers: { a: null } })).toBeUndefined();
    expect(encodeRecord({ key: 1, value: 'v' })).toBeUndefined();
    expect(encodeRecord({ value: 'v', timestampDelta: 2 ** 31 })).toBeUndefined();
  });

  test('refuses a record that claims more headers than it has bytes', () => {
    const bytesOf = [0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f];
    const source = new ClientDecoder(Buffer.from(bytesOf));
    const batch = { firstOffset: '0', firstTimestamp: '0', maxTimestamp: '0', magicByte: 2 };
    expect(() => decodeRecord(source, batch)).toThrow(/cannot have 2147483647 headers/);
  });
});
