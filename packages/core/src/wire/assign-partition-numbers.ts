/** A member of a consumer group, as the one who assigns sees it. */
export interface GroupMember {
  readonly id: string;
  /** The topics it reads with the group; not the broadcast ones. */
  readonly topics: readonly string[];
  /** The partition numbers it holds now: it keeps as many of them as is fair. */
  readonly owned: readonly number[];
}

export interface PartitionAssignment {
  /** The topics whose partition numbers were handed out. */
  readonly topics: readonly string[];
  /** Topics that some member reads and nobody was given. */
  readonly unread: readonly string[];
  /** For every member, by id. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
}

/**
 * Hands out whole partition numbers of all topics of a group, and only to members that have all of them: a member
 * of an older version, which lacks a topic, would leave that topic's partitions unread.
 *
 * When no member has all (versions that each have a topic of their own), the largest set of topics is served, by the
 * members that have it; `unread` names the rest. A member whose topics have another partition count than those of
 * most members is given nothing, so that it harms itself alone. Deterministic, and sticky: numbers move only as far
 * as fairness asks.
 */
export function assignPartitionNumbers(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
): PartitionAssignment {
  const count = usualCount(members, partitionCounts);
  const fitting = members.filter(
    ({ topics }) =>
      topics.length > 0 && topics.every((topic) => partitionCounts.get(topic) === count),
  );
  const topics = servedTopics(fitting);
  const all = sortedUnion(members.map((member) => member.topics));
  return {
    topics,
    unread: all.filter((topic) => !topics.includes(topic)),
    numbers: shareOut(
      members,
      fitting.filter((member) => includesAll(member.topics, topics)),
      count,
    ),
  };
}

/** The partition count that most members' topics have; among equals the one whose members hold more now. */
function usualCount(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
): number {
  const votes = new Map<number, { members: number; owned: number }>();
  for (const { topics, owned } of members) {
    const count = partitionCounts.get(topics[0] ?? '');
    if (count === undefined) continue;
    const vote = votes.get(count) ?? { members: 0, owned: 0 };
    votes.set(count, { members: vote.members + 1, owned: vote.owned + owned.length });
  }
  const [best] = [...votes].sort(
    ([countA, a], [countB, b]) => b.members - a.members || b.owned - a.owned || countA - countB,
  );
  return best?.[0] ?? 0;
}

function servedTopics(members: readonly GroupMember[]): readonly string[] {
  const union = sortedUnion(members.map(({ topics }) => topics));
  if (members.some(({ topics }) => includesAll(topics, union))) return union;
  const holders = (set: readonly string[]): number =>
    members.filter(({ topics }) => includesAll(topics, set)).length;
  const [largest = []] = members
    .map(({ topics }) => sortedUnion([topics]))
    .sort(
      (a, b) =>
        b.length - a.length || holders(b) - holders(a) || (a.join('\n') < b.join('\n') ? -1 : 1),
    );
  return largest;
}

function shareOut(
  members: readonly GroupMember[],
  eligible: readonly GroupMember[],
  count: number,
): Map<string, readonly number[]> {
  const free = new Set(Array.from({ length: count }, (_, number) => number));
  const share = Math.floor(count / Math.max(eligible.length, 1));
  const largerShares = count % Math.max(eligible.length, 1);
  // Who holds most comes first and has the larger share, so that the least is moved.
  const shares = [...eligible]
    .sort((a, b) => b.owned.length - a.owned.length || (a.id < b.id ? -1 : 1))
    .map(({ id, owned }, at) => {
      const size = share + (at < largerShares ? 1 : 0);
      const numbers = owned.filter((number) => free.has(number)).slice(0, size);
      for (const number of numbers) free.delete(number);
      return { id, size, numbers };
    });
  const rest = [...free];
  const assigned = new Map<string, readonly number[]>(members.map(({ id }) => [id, []]));
  for (const { id, size, numbers } of shares) {
    const added = rest.splice(0, size - numbers.length);
    assigned.set(
      id,
      [...numbers, ...added].sort((a, b) => a - b),
    );
  }
  return assigned;
}

function sortedUnion(sets: readonly (readonly string[])[]): string[] {
  return [...new Set(sets.flat())].sort();
}

function includesAll(set: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((topic) => set.includes(topic));
}
