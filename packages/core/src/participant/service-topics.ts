import { ConfigurationError } from '../errors/error-kinds.ts';
import type { AnyEventClass } from '../events/event.ts';
import type { TopicAdmin } from '../ports/transport.ts';
import type { SagaGraph } from '../sagas/graph/saga-graph.ts';
import { deadLetterTopic, internalTopics } from '../wire/internal-topics.ts';
import type { OwnHandlers } from './service-options.ts';

/** The topics that one service needs. */
export interface ServiceTopics {
  /** What its consumer group reads, one partition number of all. */
  readonly read: readonly string[];
  /** What each instance reads whole. */
  readonly broadcast: readonly string[];
  /** Everything with the installation's one partition count: what it reads, and where its events go. */
  readonly partitioned: readonly string[];
  /** All of them. */
  readonly all: readonly string[];
}

export function serviceTopics(
  name: string,
  { steps, events }: OwnHandlers,
  sagas: readonly SagaGraph[],
): ServiceTopics {
  const triggers = steps.map(({ triggeredBy }) => triggeredBy?.eventClass);
  const consumed = [...triggers, ...events.map(({ eventClass }) => eventClass)];
  const requests = steps.length > 0 ? [internalTopics.requests] : [];
  const read = unique([...topicsOf(consumed), ...requests]);
  const outcomes = steps.length > 0 ? [internalTopics.outcomes] : [];
  const published = steps.flatMap((step) => [step.emits, step.rejects, step.compensates]);
  const partitioned = unique([
    ...read,
    ...outcomes,
    ...topicsOf(published),
    ...sagas.map(({ startsOn }) => startsOn.topic),
  ]);
  const handlesAny = steps.length + events.length > 0;
  const deadLetters = handlesAny ? [deadLetterTopic(name)] : [];
  // Without a handler there is no effect, and nobody's inbox matters.
  const others = handlesAny ? [internalTopics.participants] : [];
  const broadcast = [internalTopics.definitions, ...others];
  const all = [...partitioned, ...broadcast, ...deadLetters];
  return { read, broadcast, partitioned, all };
}

/**
 * Every topic exists, and those that belong together have one partition count. Rejects with `topic-missing` or
 * `partition-count-mismatch`, with all of the topics named.
 */
export async function checkTopics(
  name: string,
  { partitioned, all }: ServiceTopics,
  admin: TopicAdmin,
): Promise<void> {
  const counts = await admin.partitionCounts(all);
  const missing = all.filter((topic) => !counts.has(topic));
  if (missing.length > 0) {
    throw new ConfigurationError(
      `service ${name} needs topics that do not exist: ${missing.join(', ')}. Make them first: topicsOf lists what the sagas need, see docs/operations.md`,
      { code: 'topic-missing', details: { topics: missing } },
    );
  }
  const byCount = Map.groupBy(partitioned, (topic) => counts.get(topic) ?? 0);
  if (byCount.size > 1) {
    const list = [...byCount].map(([count, topics]) => `${count}: ${topics.join(', ')}`).join('; ');
    throw new ConfigurationError(
      `service ${name} needs topics of one partition count, because the events of a saga have one partition number in all of them, but they have ${list}. Make those that differ anew`,
      { code: 'partition-count-mismatch', details: { counts: Object.fromEntries(counts) } },
    );
  }
}

function topicsOf(classes: readonly (AnyEventClass | undefined)[]): string[] {
  return classes.flatMap((one) => (one === undefined ? [] : [one.topic]));
}

function unique(topics: readonly string[]): string[] {
  return [...new Set(topics)];
}
