import { AssignerProtocol } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { wholeNumberAssigner } from './whole-number-assigner.ts';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const counts = new Map([
  ['orders', 4],
  ['requests', 4],
  ['definitions', 2],
]);

interface Said {
  readonly topics?: readonly string[];
  readonly broadcast?: readonly string[];
  readonly owned?: readonly number[];
}

function assignerOf({ topics = ['orders', 'requests'], broadcast = [], owned = [] }: Said) {
  return wholeNumberAssigner({
    wish: () => ({ topics, broadcast, owned }),
    partitionCounts: async () => counts,
  });
}

async function assigned(
  members: Readonly<Record<string, Said | Buffer>>,
): Promise<Record<string, unknown>> {
  const said = Object.entries(members).map(([memberId, own]) => ({
    memberId,
    memberMetadata: Buffer.isBuffer(own)
      ? own
      : assignerOf(own).protocol({ topics: ['orders'] }).metadata,
  }));
  const result = await assignerOf({}).assign({ members: said, topics: [] });
  return Object.fromEntries(
    result.map(({ memberId, memberAssignment }) => [
      memberId,
      MemberAssignment.decode(memberAssignment)?.assignment,
    ]),
  );
}

const holding = (...numbers: number[]) => ({ orders: numbers, requests: numbers });

describe('wholeNumberAssigner', () => {
  it('gives whole partition numbers of all topics', async () => {
    expect(await assigned({ a: {}, b: {} })).toEqual({ a: holding(0, 1), b: holding(2, 3) });
  });

  it('gives nobody what another member still holds', async () => {
    expect(await assigned({ a: { owned: [0, 1, 2, 3] }, b: {} })).toEqual({
      a: holding(0, 1),
      b: holding(),
    });
    expect(await assigned({ a: { owned: [0, 1] }, b: {} })).toEqual({
      a: holding(0, 1),
      b: holding(2, 3),
    });
  });

  it('gives everybody all of what they read as broadcast, members without topics too', async () => {
    const announced = { definitions: [0, 1] };
    const result = await assigned({
      a: { broadcast: ['definitions'] },
      b: { topics: [], broadcast: ['definitions'] },
    });
    expect(result).toEqual({
      a: { ...holding(0, 1, 2, 3), ...announced },
      b: { ...holding(), ...announced },
    });
  });

  it.each([
    [
      'no data',
      MemberMetadata.encode({ version: 1, topics: ['orders'], userData: Buffer.alloc(0) }),
    ],
    ['no JSON', MemberMetadata.encode({ version: 1, topics: [], userData: Buffer.from('{') })],
    [
      'other data',
      MemberMetadata.encode({
        version: 1,
        topics: [],
        userData: Buffer.from('{"topics":"orders","broadcast":[],"owned":["0"]}'),
      }),
    ],
  ])('a member that says %s is given nothing, and harms nobody', async (_, foreign) => {
    expect(await assigned({ a: {}, b: foreign })).toEqual({
      a: holding(0, 1, 2, 3),
      b: holding(),
    });
  });
});
