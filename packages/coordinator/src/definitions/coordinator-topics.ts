import { ConfigurationError, type TopicAdmin } from '@troupe/core';
import { deadLetterTopic, internalTopics } from '@troupe/core/internal';

/**
 * The partition count of this installation: that of the topics which the coordinator itself needs. Throws
 * `ConfigurationError` when one of them is missing, or when they differ, with their names.
 */
export async function installedPartitionCount(
  groupId: string,
  topics: TopicAdmin,
): Promise<number> {
  const { definitions } = internalTopics;
  const partitioned = writtenTopics(groupId);
  const needed = [...partitioned, definitions];
  const counts = await topics.partitionCounts(needed);
  const missing = needed.filter((topic) => !counts.has(topic));
  if (missing.length > 0) {
    throw new ConfigurationError(
      `the coordinator needs topics that do not exist: ${missing.join(', ')}. Make them first, all but ${definitions} with the partition count of your domain topics: topicsOf lists them, see docs/operations.md`,
      { code: 'topic-missing' },
    );
  }
  const different = new Set(partitioned.map((topic) => counts.get(topic)));
  const [partitionCount] = different;
  if (different.size > 1 || partitionCount === undefined) {
    const list = partitioned.map((topic) => `${topic} has ${counts.get(topic)}`).join(', ');
    throw new ConfigurationError(
      `the coordinator's topics must have one partition count, but ${list}. Make those that differ anew, before any saga runs`,
      { code: 'partition-count-mismatch' },
    );
  }
  return partitionCount;
}

/** Key and headers of a record: those that are limited, and what goes with them. */
const bytesBesideValueMax = 32_000;

/**
 * Throws `ConfigurationError` when one of the topics that the coordinator writes to does not take the largest record that it
 * may write there. Otherwise the first one fails its commit, and again whenever the shard is rebuilt.
 */
export async function assertRecordsFit(
  groupId: string,
  topics: TopicAdmin,
  messageBytesMax: number,
): Promise<void> {
  const needed = messageBytesMax + bytesBesideValueMax;
  const small = [...(await topics.recordBytesMax(writtenTopics(groupId)))].filter(
    ([, taken]) => taken < needed,
  );
  if (small.length === 0) return;
  const list = small.map(([topic, taken]) => `${topic} takes ${taken}`).join(', ');
  throw new ConfigurationError(
    `the coordinator writes records of up to ${needed} bytes (messageBytesMax, ${messageBytesMax}, with key and headers), but ${list}. Raise max.message.bytes of these topics, or what the transport takes, or lower messageBytesMax`,
  );
}

function writtenTopics(groupId: string): readonly string[] {
  const { requests, outcomes, state, sagas } = internalTopics;
  return [requests, outcomes, state, sagas, deadLetterTopic(groupId)];
}
