import { beforeEach, expect, test } from 'vitest';
import { BroadcastReader } from './broadcast-reader.ts';

const record = (offset: bigint) => ({
  topic: 'b',
  partition: 0,
  offset,
  key: null,
  value: null,
  headers: {},
  timestampMs: 0,
});

let received: bigint[];
let reader: BroadcastReader;

beforeEach(async () => {
  received = [];
  reader = new BroadcastReader({
    broadcast: ['b'],
    onBroadcast: (records) => received.push(...records.map(({ offset }) => offset)),
  });
  await reader.places({ b: [0] }, { offsets: async () => new Map([['b', 5n]]) });
});

test('what two answers hold is delivered once, in its order', () => {
  reader.deliver('b', 0, [record(5n), record(6n)], 7n);
  reader.deliver('b', 0, [record(5n)], 6n);
  expect(reader.position('b', 0)).toBe(7n);
  reader.deliver('b', 0, [record(6n), record(7n)], 9n);
  reader.passed('b', 0, 8n);
  expect(received).toEqual([5n, 6n, 7n]);
  expect(reader.position('b', 0)).toBe(9n);
});
