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
  const { definitions, requests, outcomes, state, sagas } = internalTopics;
  const partitioned = [requests, outcomes, state, sagas, deadLetterTopic(groupId)];
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
