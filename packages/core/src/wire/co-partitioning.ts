import { TransportError } from '../errors/error-kinds.ts';

/**
 * Refuses a subscription whose topics do not all exist with one partition count, and names those that do not: partition
 * 3 of every topic goes to one member, which makes sense only where there is a partition 3.
 */
export function checkCoPartitioning(
  groupId: string,
  topics: readonly string[],
  partitionCounts: ReadonlyMap<string, number>,
): void {
  checkTopicsExist(`group ${groupId} cannot read`, topics, partitionCounts);
  if (new Set(topics.map((topic) => partitionCounts.get(topic))).size <= 1) return;
  const list = topics.map((topic) => `${topic} has ${partitionCounts.get(topic)}`).join(', ');
  throw new TransportError(
    'partition-count-mismatch',
    `group ${groupId} cannot read topics of different partition counts together (${list}): make them anew with one partition count`,
    { details: { groupId, partitionCounts: Object.fromEntries(partitionCounts) } },
  );
}

/** `wish` begins the sentence: `group shop cannot read`. */
export function checkTopicsExist(
  wish: string,
  topics: readonly string[],
  existing: ReadonlyMap<string, unknown>,
): void {
  const missing = topics.filter((topic) => !existing.has(topic));
  if (missing.length === 0) return;
  const names = missing.join(', ');
  throw new TransportError(
    'topic-missing',
    `${wish} ${names}: no such topic${missing.length > 1 ? 's' : ''}; create ${missing.length > 1 ? 'them' : 'it'} first (topicsOf lists what the sagas need, see docs/operations.md)`,
    { details: { topics: missing } },
  );
}
