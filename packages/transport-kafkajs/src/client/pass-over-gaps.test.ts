import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { passOverGaps } from './pass-over-gaps.ts';

const requireClient = createRequire(import.meta.url);
passOverGaps();
passOverGaps();
const decoderPath = 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
const Decoder = requireClient('kafkajs/src/protocol/decoder.js');
const Encoder = requireClient('kafkajs/src/protocol/encoder.js');
const { RecordBatch } = requireClient('kafkajs/src/protocol/recordBatch/v0/index.js');
const encodeRecord = requireClient('kafkajs/src/protocol/recordBatch/record/v0/index.js');
const Batch = requireClient('kafkajs/src/consumer/batch.js');

/** A batch for the offsets 100 to 104, as it is when only the records at `offsets` are left. */
async function batchOf(offsets: readonly number[]) {
  const encoded = await RecordBatch({
    firstOffset: 100,
    lastOffsetDelta: 4,
    producerId: 7,
    records: offsets.map((offset) =>
      encodeRecord({ offsetDelta: offset - 100, key: `${offset}`, value: Buffer.from('v') }),
    ),
  });
  const bytes = new Encoder().writeEncoder(encoded).buffer;
  const decoded = await requireClient(decoderPath)(new Decoder(bytes));
  // As kafkajs's consumer looks at what it has fetched.
  return (fetchedOffset: number) =>
    new Batch('t', String(fetchedOffset), {
      partition: 0,
      highWatermark: '200',
      abortedTransactions: [],
      messages: decoded.records,
    });
}

test.each([
  ['whole', [100, 101, 102, 103, 104]],
  ['without its end', [100, 101]],
  ['without its beginning', [104]],
])('a batch %s is read to its end', async (_, offsets) => {
  const batch = (await batchOf(offsets))(100);
  expect(batch.messages.map((message: { offset: string }) => Number(message.offset))).toEqual(
    offsets,
  );
  expect(batch.lastOffset()).toBe('104');
});

test('a batch of which nothing is left is passed over', async () => {
  const batch = (await batchOf([]))(100);
  expect(batch.messages).toEqual([]);
  expect(batch.isEmptyDueToFiltering()).toBe(true);
  expect(batch.lastOffset()).toBe('104');
});

test('who comes back to the gap at the end of a batch goes on behind it', async () => {
  const batch = (await batchOf([100]))(102);
  expect(batch.messages).toEqual([]);
  expect(batch.lastOffset()).toBe('104');
});
