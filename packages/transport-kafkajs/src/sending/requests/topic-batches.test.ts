import { createRequire } from 'node:module';
import type { OutgoingRecord } from '@troupe/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asTopicMessages, namedPartition, topicBatches } from './topic-batches.ts';

const clientRequire = createRequire(import.meta.url);
const group = clientRequire('kafkajs/src/producer/groupMessagesPerPartition.js');
const partitions = 3;
const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId }));

const record = fc.record<OutgoingRecord>({
  topic: fc.constantFrom('a', 'b'),
  key: fc.string(),
  value: fc.option(fc.uint8Array({ maxLength: 5 })),
  headers: fc.dictionary(fc.string(), fc.string()),
  partition: fc.option(fc.nat(partitions - 1), { nil: undefined }),
});

test('kafkajs gets the groups that it would have made', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
      for (const { topic, messages } of topicBatches(records, () => partitions).map(
        asTopicMessages,
      )) {
        const given = { topic, partitionMetadata, partitioner: namedPartition() };
        const grouped = group({ ...given, messages });
        const usual = group({ ...given, messages: messages.map((message) => message) });
        expect(grouped).toEqual(usual);
        expect(messages).toHaveLength(records.filter((one) => one.topic === topic).length);
      }
    }),
  );
});
