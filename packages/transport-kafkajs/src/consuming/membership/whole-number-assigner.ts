import { assignPartitionNumbers } from '@troupe/core/internal';
import { type Assigner, AssignerProtocol } from 'kafkajs';

/** What a member tells the leader of the group of itself. */
export interface Wish {
  readonly topics: readonly string[];
  readonly broadcast: readonly string[];
  /** The partition numbers that it holds, until it has given them up. */
  readonly owned: readonly number[];
}

export interface AssignerParts {
  /** Of this member, as it joins. */
  wish(): Wish;
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const name = 'troupe-whole-numbers';
const version = 1;

/**
 * Hands out whole partition numbers of all topics, to members that have all of them, and broadcast topics to everybody.
 * kafkajs's own assigners look at the leader's topics only.
 *
 * A number that some member still holds is never given to another one: it stays nobody's until its holder, who sees
 * that it is not his any more, has come to an end with it and joins again. So whatever stays where it is is not
 * interrupted by a rebalance.
 */
export function wholeNumberAssigner({ wish, partitionCounts }: AssignerParts): Assigner {
  return {
    name,
    version,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(wish()));
      return { name, metadata: MemberMetadata.encode({ version, topics, userData }) };
    },
    async assign({ members }) {
      const wishes = members.map(({ memberId, memberMetadata }) => ({
        id: memberId,
        ...readWish(memberMetadata),
      }));
      const counts = await partitionCounts(
        wishes.flatMap(({ topics, broadcast }) => [...topics, ...broadcast]),
      );
      const { topics, numbers } = assignPartitionNumbers(wishes, counts);
      return wishes.map(({ id, broadcast }) => {
        const heldByOthers = new Set(
          wishes.flatMap((other) => (other.id === id ? [] : other.owned)),
        );
        const given = (numbers.get(id) ?? []).filter((number) => !heldByOthers.has(number));
        const assignment: Record<string, number[]> = {};
        for (const topic of topics) assignment[topic] = given;
        for (const topic of broadcast) assignment[topic] = allOf(counts.get(topic) ?? 0);
        const userData = Buffer.alloc(0);
        const memberAssignment = MemberAssignment.encode({ version, assignment, userData });
        return { memberId: id, memberAssignment };
      });
    },
  };
}

function allOf(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

const noWish: Wish = { topics: [], broadcast: [], owned: [] };

/** Whoever says something else is given nothing, and harms itself alone. */
function readWish(metadata: Buffer): Wish {
  try {
    const userData = MemberMetadata.decode(metadata)?.userData ?? Buffer.alloc(0);
    const said: Partial<Record<keyof Wish, unknown>> = JSON.parse(userData.toString('utf8'));
    const { topics, broadcast, owned } = said;
    if (!isTexts(topics) || !isTexts(broadcast) || !isNumbers(owned)) return noWish;
    return { topics, broadcast, owned };
  } catch {
    // Not from this assigner, or cut off.
    return noWish;
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one));
}
