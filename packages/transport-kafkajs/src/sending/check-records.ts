import { type OutgoingRecord, TransportError } from '@troupe/core';
import { checkTopicsExist, recordBytes } from '@troupe/core/internal';
import type { TopicDirectory } from '../topics/topic-directory.ts';

/** Throws `message-too-large` for a record that the broker would refuse. */
export function checkSizes(records: readonly OutgoingRecord[], recordBytesMax: number): void {
  for (const record of records) {
    const size = recordBytes(record);
    if (size <= recordBytesMax) continue;
    const { topic, key } = record;
    throw new TransportError(
      'message-too-large',
      `a record for ${topic} with key ${key} has ${size} bytes, and ${recordBytesMax} is the most: make it smaller`,
      { details: { topic, key, size, recordBytesMax } },
    );
  }
}

/** Whether every record's topic and partition is known to exist, without asking the broker. */
export function arePlacesKnown(
  records: readonly OutgoingRecord[],
  directory: TopicDirectory,
): boolean {
  return records.every(
    ({ topic, partition = 0 }) => partition < (directory.knownCount(topic) ?? 0),
  );
}

/** Asks the broker about topics and partitions that are not known. Throws `topic-missing`. */
export async function checkPlaces(
  records: readonly OutgoingRecord[],
  directory: TopicDirectory,
): Promise<void> {
  const unknown = records.filter((record) => !arePlacesKnown([record], directory));
  const topics = [...new Set(unknown.map(({ topic }) => topic))];
  const counts = await directory.partitionCounts(topics);
  checkTopicsExist('cannot send to', topics, counts);
  for (const { topic, partition = 0 } of unknown) {
    const count = counts.get(topic) ?? 0;
    if (partition < count) continue;
    throw new TransportError(
      'topic-missing',
      `cannot send to partition ${partition} of ${topic}: it has ${count} partitions, from 0 on`,
      { details: { topic, partition, partitions: count } },
    );
  }
}
