import { partitionOf } from '@troupe/core/internal';
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';

/** kafkajs's copy of the Java client's partitioner, which every other client that is told so agrees with. */
const partitioner = Partitioners.JavaCompatiblePartitioner();

test('a key goes to the partition that a bare kafkajs client sends it to', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ minLength: 1 })),
      fc.integer({ min: 1, max: 200 }),
      (key, count) => {
        const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
          partitionErrorCode: 0,
          partitionId,
          leader: 1,
          replicas: [1],
          isr: [1],
        }));
        const bytes = Buffer.from(key);
        fc.pre(bytes.length > 0);
        const message = { key: bytes, value: null };
        expect(partitionOf(key, count)).toBe(
          partitioner({ topic: 't', partitionMetadata, message }),
        );
      },
    ),
    { numRuns: 200 },
  );
});
