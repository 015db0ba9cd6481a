import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { crc32c } from './crc32c.ts';
import { decodeRecord } from './decode-record.ts';
import { encodeProduceRequest, isUsualRequest } from './encode-produce-request.ts';

// The client's own codec, which must give the same.
const clientRequire = createRequire(import.meta.url);
const protocol = 'kafkajs/src/protocol';
const clientProduce = clientRequire(`${protocol}/requests/produce/v3/request.js`);
const clientEncode = clientRequire(`${protocol}/recordBatch/record/v0/index.js`);
const clientDecode = clientRequire(`${protocol}/recordBatch/record/v0/decoder.js`);
const clientCrc = clientRequire(`${protocol}/recordBatch/crc32C/index.js`);
const ClientDecoder = clientRequire(`${protocol}/decoder.js`);
const Long = clientRequire('kafkajs/src/utils/long.js');

const text = fc.string({ unit: 'grapheme', maxLength: 80 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const large = fc.constantFrom(Buffer.alloc(9_000, 1), Buffer.alloc(300_000), 'ü'.repeat(70_000));
const content = fc.oneof({ weight: 9, arbitrary: text }, { weight: 9, arbitrary: bytes }, large);
const names = fc.oneof(text, fc.constantFrom('ce_id', 'constructor', 'toString', 'hasOwnProperty'));
const message = fc.record({
  key: fc.option(content),
  value: fc.option(content),
  headers: fc.option(fc.dictionary(names, content, { maxKeys: 12, noNullPrototype: true }), {
    nil: undefined,
  }),
});
const request = fc.record({
  transactionalId: fc.option(text, { nil: undefined }),
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  producerId: fc.oneof(fc.nat(), fc.bigInt(-1n, 2n ** 60n).map(String), fc.constant(undefined)),
  producerEpoch: fc.nat(32_000),
  topicData: fc.array(
    fc.record({
      topic: text,
      partitions: fc.array(
        fc.record({
          partition: fc.nat(1_000),
          firstSequence: fc.nat(2 ** 31 - 1),
          messages: fc.array(message, { minLength: 1, maxLength: 5 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
});
const context = fc.record({
  firstOffset: fc.bigInt(0n, 2n ** 62n).map(String),
  firstTimestamp: fc.bigInt(-1n, 2n ** 41n).map(String),
  maxTimestamp: fc.bigInt(1n, 2n ** 41n).map(String),
  magicByte: fc.constant(2),
  isControlBatch: fc.boolean(),
  timestampType: fc.constantFrom(0, 1),
});
const firstBatch = { firstOffset: '0', firstTimestamp: '0', maxTimestamp: '0', magicByte: 2 };

/** A record after its length, as the client's decoder of batches hands it over. */
function opened(record: Buffer) {
  const source = new ClientDecoder(record);
  source.readVarInt();
  return source;
}

describe('a produce request', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('has the bytes that the client gives it', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (given) => {
        expect(isUsualRequest(given)).toBe(true);
        const expected: Buffer = (await clientProduce(given).encode()).buffer;
        const encoded = encodeProduceRequest(given, Date.now());
        expect(encoded.buffer.equals(expected)).toBe(true);
        expect(encoded.size()).toBe(expected.length);
      }),
    );
  });

  test('may have a Long for its producer id', async () => {
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'v' }] }] }];
    const given = { acks: -1, timeout: 1, topicData, producerId: Long.fromInt(7) };
    const expected = (await clientProduce(given).encode()).buffer;
    expect(encodeProduceRequest(given, Date.now()).buffer.equals(expected)).toBe(true);
  });

  test.each([
    ['a header that is repeated', { value: 'v', headers: { a: ['b', 'c'] } }],
    ['a header that is null', { value: 'v', headers: { a: null } }],
    ['a key that is a number', { key: 1, value: 'v' }],
    ['a time of its own', { value: 'v', timestamp: '1' }],
  ])('is left to the client with %s', (_, unusual) => {
    const messages = [{ value: 'usual' }, unusual];
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
    expect(isUsualRequest({ acks: -1, timeout: 1, topicData })).toBe(false);
  });

  test('is left to the client when it is compressed', () => {
    expect(isUsualRequest({ acks: -1, timeout: 1, compression: 1, topicData: [] })).toBe(false);
  });
});

describe('a record', () => {
  test('is read as the client reads it', () => {
    const parts = fc.record({
      offsetDelta: fc.nat(2 ** 31 - 1),
      timestampDelta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      key: fc.option(content),
      value: fc.option(content),
      headers: fc.dictionary(names, content, { maxKeys: 12, noNullPrototype: true }),
    });
    fc.assert(
      fc.property(parts, context, (given, batch) => {
        const encoded: Buffer = clientEncode(given).buffer;
        // The client mixes up headers that are named like methods of every object.
        const { headers, ...rest } = decodeRecord(opened(encoded), batch);
        const { headers: _, ...expected } = clientDecode(opened(encoded), batch);
        expect(rest).toEqual(expected);
        const sent = Object.entries(given.headers).map(([name, value]) => {
          return [name, Buffer.from(value)];
        });
        expect(Object.entries(headers)).toEqual(sent);
      }),
    );
  });

  test('has both values of a header that was sent twice, in order', () => {
    const headers = { once: 'a', twice: ['b', 'c', 'd'] };
    const encoded = clientEncode({ key: 'k', value: 'v', headers }).buffer;
    expect(decodeRecord(opened(encoded), firstBatch).headers).toEqual({
      once: Buffer.from('a'),
      twice: ['b', 'c', 'd'].map((value) => Buffer.from(value)),
    });
  });

  test('may have a header named __proto__', () => {
    const headers = Object.fromEntries([['__proto__', 'x']]);
    const encoded = clientEncode({ value: 'v', headers }).buffer;
    const decoded = decodeRecord(opened(encoded), firstBatch).headers;
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });

  test('is refused when it claims more headers than it has bytes', () => {
    const source = opened(Buffer.from([0, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]));
    expect(() => decodeRecord(source, firstBatch)).toThrow(/cannot have 2147483647 headers/);
  });
});

test('crc32c is that of the client, for any part of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (all, a, b) => {
      const [start, end] = [Math.min(a, b, all.length), Math.min(Math.max(a, b), all.length)];
      expect(crc32c(all, start, end)).toBe(clientCrc(all.subarray(start, end)));
    }),
  );
  expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283);
});
