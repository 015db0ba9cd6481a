import type { Problem } from '@troupe/core';
import type { DefinitionBook } from './definitions/definition-book.ts';
import { missingDefinitions } from './missing-definitions.ts';
import type { Shard } from './shard/shard.ts';

/** What keeps shards, or some of their sagas, from going on. */
export function shardProblems(
  shards: readonly Shard[],
  definitionWaitMs: number,
  book: Pick<DefinitionBook, 'faultOf'>,
): Problem[] {
  const problems: Problem[] = [];
  for (const { partition, problem, store, liveSinceMs: sinceMs } of shards) {
    const subject = `partition ${partition}`;
    if (problem !== undefined) problems.push({ code: 'outage', subject, ...problem });
    if (store.withoutDefinition === 0) continue;
    const message =
      `${store.withoutDefinition} sagas stand still: their definitions were not published, or are refused ` +
      '(see refusedDefinitions)';
    problems.push({ code: 'key-waiting', subject, message, sinceMs });
  }
  const waiting = shards.map(({ store }) => store.waiting);
  return [
    ...problems,
    ...missingDefinitions(waiting, definitionWaitMs, book),
    ...topicTimes(shards.map(({ topicsByProducers }) => topicsByProducers)),
  ];
}

/** One for each topic, since it was first seen. */
function topicTimes(shards: readonly ReadonlyMap<string, number>[]): Problem[] {
  const since = new Map<string, number>();
  for (const [topic, sinceMs] of shards.flatMap((shard) => [...shard])) {
    since.set(topic, Math.min(since.get(topic) ?? sinceMs, sinceMs));
  }
  return [...since].map(([topic, sinceMs]) => ({
    code: 'topic-time',
    subject: topic,
    message:
      `the records of ${topic} are by their producers' clocks, and time limits are counted from them: ` +
      'set message.timestamp.type=LogAppendTime on it',
    sinceMs,
  }));
}
