import { assignPartitionNumbers, type GroupMember } from '@troupe/core/internal';
import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

interface UserData {
  readonly topics: readonly string[];
  readonly broadcast: readonly string[];
  readonly owned: readonly number[];
}

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const name = 'troupe-whole-numbers';

/**
 * Hands out whole partition numbers of all topics, to members that have all of them, and broadcast topics to everybody.
 * kafkajs's own assigners look at the leader's topics only.
 */
export function wholeNumberAssigner(own: () => UserData): PartitionAssigner {
  return ({ cluster }) => ({
    name,
    version: 1,
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(own()));
      return { name, metadata: MemberMetadata.encode({ version: 1, topics, userData }) };
    },
    async assign({ members }) {
      const said = members.map(({ memberId, memberMetadata }) => {
        const userData = MemberMetadata.decode(memberMetadata)?.userData ?? Buffer.from('{}');
        const data = JSON.parse(userData.toString('utf8')) as Partial<UserData>;
        const { topics = [], broadcast = [], owned = [] } = data;
        return { id: memberId, topics, broadcast, owned };
      });
      const partitionsOf = await partitionCounts(cluster, said);
      const { topics, numbers } = assignPartitionNumbers(
        said satisfies GroupMember[],
        partitionsOf,
      );
      return said.map(({ id, broadcast }) => {
        const assignment: Record<string, number[]> = {};
        for (const topic of topics) assignment[topic] = [...(numbers.get(id) ?? [])];
        for (const topic of broadcast) {
          assignment[topic] = Array.from(
            { length: partitionsOf.get(topic) ?? 0 },
            (_, index) => index,
          );
        }
        return {
          memberId: id,
          memberAssignment: MemberAssignment.encode({
            version: 1,
            assignment,
            userData: Buffer.alloc(0),
          }),
        };
      });
    },
  });
}

type Cluster = Parameters<PartitionAssigner>[0]['cluster'];

async function partitionCounts(
  cluster: Cluster,
  members: readonly { readonly topics: readonly string[]; readonly broadcast: readonly string[] }[],
): Promise<ReadonlyMap<string, number>> {
  const topics = [...new Set(members.flatMap((member) => [...member.topics, ...member.broadcast]))];
  const metadata = cluster as unknown as {
    addMultipleTargetTopics(topics: string[]): Promise<void>;
    findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  };
  await metadata.addMultipleTargetTopics(topics);
  return new Map(topics.map((topic) => [topic, metadata.findTopicPartitionMetadata(topic).length]));
}
