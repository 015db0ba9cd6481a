import { ConfigurationError, type Random, type TopicAdmin, type Transport } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { barrierRecord } from '../shard/state/state-record.ts';

const { state } = internalTopics;

/**
 * Keeps on record with how many partitions an installation was begun. The record is a barrier in the last partition of
 * `troupe.state`, written there before anything is written to another one: where there is something in others and nothing
 * in the last, the topic has grown (ADR 16). Throws `partition-count-mismatch` then.
 */
export async function recordPartitionCount(
  transport: Pick<Transport, 'topics' | 'createProducer'>,
  random: Random,
  partitionCount: number,
): Promise<void> {
  const { topics } = transport;
  const last = partitionCount - 1;
  if (await isBegun(topics, last)) return;
  let begun = 0;
  for (let partition = 0; partition < last; partition += 1) {
    if (await isBegun(topics, partition)) begun = partition + 1;
  }
  if (begun > 0) {
    // Another coordinator may have begun it since the first look.
    if (await isBegun(topics, last)) return;
    throw grown(begun, partitionCount);
  }
  const producer = transport.createProducer();
  try {
    await producer.send([barrierRecord(last, random.id())]);
  } finally {
    await producer.close();
  }
}

/** The installation was begun with fewer partitions than there are. */
export function grown(begun: number, found: number): ConfigurationError {
  return new ConfigurationError(
    `the installation was begun with ${begun} partitions, and ${state} has at least ${found} now: saga ids belong to other ` +
      'partitions than before, and their sagas would begin anew. No topic may grow while sagas run. Restore the topics with ' +
      `${begun} partitions, or see docs/operations.md, Growing`,
    { code: 'partition-count-mismatch', details: { begun, found } },
  );
}

/** Something was written to it, ever: what compaction or a person deleted counts too. */
async function isBegun(topics: TopicAdmin, partition: number): Promise<boolean> {
  const ends = await topics.endOffsets([state], partition, 'read-uncommitted');
  return (ends.get(state) ?? 0n) > 0n;
}
