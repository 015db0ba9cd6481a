import type { TopicSpec } from '../ports/transport.ts';
import { eventClassesOf, type Saga, toGraph } from '../sagas/definition/define-saga.ts';
import { deadLetterTopic, internalTopics, retryTopic } from './internal-topics.ts';
import { retentionMsOf } from './retention.ts';

export interface TopicsOptions {
  /** The one partition count of the installation. Never grow it under running sagas. */
  readonly partitions: number;
  /** Default: the broker's. */
  readonly replicationFactor?: number | undefined;
}

/**
 * The topics that `sagas` need, for an administrator to make before anything starts: those of their events, those that
 * Troupe keeps for itself, and for each consumer group (a service's name, or the coordinator's group) those for retries
 * and dead letters. What is kept for a time is kept as `retentionMsOf` says: twice as long as the longest saga may take, at least 7 days.
 *
 * @example
 * await transport.topics.create(topicsOf([placeOrder], ['inventory', 'payment', 'troupe-coordinator'], { partitions: 12 }))
 */
export function topicsOf(
  sagas: readonly Saga[],
  groups: readonly string[],
  { partitions, replicationFactor }: TopicsOptions,
): readonly TopicSpec[] {
  const retentionMs = retentionMsOf(Math.max(0, ...sagas.map((saga) => toGraph(saga).timeoutMs)));
  const {
    definitions,
    participants,
    state,
    requests,
    outcomes,
    commands,
    sagas: log,
  } = internalTopics;
  const kept = (topic: string): TopicSpec => ({
    topic,
    partitions,
    cleanup: 'delete',
    retentionMs,
    replicationFactor,
  });
  const compacted = (topic: string, count: number): TopicSpec => ({
    topic,
    partitions: count,
    cleanup: 'compact',
    replicationFactor,
  });
  const domain = sagas.flatMap((saga) => eventClassesOf(saga).map(({ topic }) => topic));
  const ofGroups = groups.flatMap((group) => [retryTopic(group), deadLetterTopic(group)]);
  const ofTime = [...new Set([...domain, requests, outcomes, commands, log, ...ofGroups])];
  return [
    ...ofTime.map(kept),
    compacted(state, partitions),
    // Everybody reads all of these: they have no key to share the work by.
    compacted(definitions, 1),
    compacted(participants, 1),
  ];
}
