import { TransportError } from '@troupe/core';
import type { RecordMetadata, TopicMessages } from 'kafkajs';

/**
 * Throws when a partition that was sent to is not in the broker's answers.
 *
 * kafkajs sends a batch to several brokers at once, and after a failure again to those that have not answered. When a
 * partition has moved meanwhile to a broker that has, its records are sent to nobody, and kafkajs reports success:
 * with three brokers, of which one is killed while a producer is busy, some records of nearly every such moment.
 */
export function checkAcknowledged(
  sent: readonly TopicMessages[],
  answers: readonly RecordMetadata[],
): void {
  const answered = new Map<string, Set<number | undefined>>();
  for (const { topicName, partition, errorCode } of answers) {
    if (errorCode !== 0) continue;
    const partitions = answered.get(topicName);
    if (partitions === undefined) answered.set(topicName, new Set([partition]));
    else partitions.add(partition);
  }
  const missing = new Set<string>();
  for (const { topic, messages } of sent) {
    const partitions = answered.get(topic);
    for (const { partition } of messages) {
      if (partitions?.has(partition) !== true) missing.add(`${topic}/${partition}`);
    }
  }
  if (missing.size === 0) return;
  const places = [...missing].join(', ');
  throw new TransportError(
    'transport-unavailable',
    `no broker has acknowledged what was sent to ${places}: their leaders have changed meanwhile; send it again`,
    { details: { places: [...missing] } },
  );
}
