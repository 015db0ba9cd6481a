import { type OutgoingRecord, TransportError } from '@troupe/core';
import { checkTopicsExist, recordBytes } from '@troupe/core/internal';
import type { TopicDirectory } from '../topics/topic-directory.ts';

/** Their size together, as `recordBytes` counts. Throws `message-too-large` for a record that the broker would refuse. */
export function checkedSize(records: readonly OutgoingRecord[], recordBytesMax: number): number {
  let sum = 0;
  for (const record of records) {
    const size = recordBytes(record);
    sum += size;
    if (size <= recordBytesMax) continue;
    const { topic, key } = record;
    throw new TransportError(
      'message-too-large',
      `a record for ${topic} with key ${key} has ${size} bytes, and ${recordBytesMax} is the most: make it smaller`,
      { details: { topic, key, size, recordBytesMax } },
    );
  }
  return sum;
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

/** How often the directory may forget, because another producer failed, what it has just been asked. */
const askedMax = 5;

/**
 * The partition count of each topic of records that were checked before. Asks anew about those that the directory has
 * forgotten meanwhile, as it does when another request has failed: with a wrong count a key has a wrong partition.
 */
export async function countsOf(
  records: readonly OutgoingRecord[],
  directory: TopicDirectory,
): Promise<(topic: string) => number> {
  const counts = new Map<string, number>();
  for (let asked = 0; asked < askedMax; asked += 1) {
    const isKnown = ({ topic }: OutgoingRecord): boolean => {
      const count = counts.get(topic) ?? directory.knownCount(topic);
      if (count === undefined) return false;
      counts.set(topic, count);
      return true;
    };
    if (records.every(isKnown)) break;
    await checkPlaces(records, directory);
  }
  return (topic) => {
    const count = counts.get(topic);
    if (count !== undefined) return count;
    throw new TransportError(
      'transport-unavailable',
      `the partitions of ${topic} are not known, because requests fail: send it again`,
      { details: { topic } },
    );
  };
}
