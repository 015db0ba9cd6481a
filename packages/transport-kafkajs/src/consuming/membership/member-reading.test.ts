import { ManualClock } from '@troupe/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Broker, Cluster } from '../../client/cluster.ts';
import { surroundingsOf } from '../../client/kafka-client.ts';
import { TopicDirectory } from '../../topics/topic-directory.ts';
import type { GroupClaim } from './group-claim.ts';
import { GroupSeat } from './group-seat.ts';
import { MemberReading } from './member-reading.ts';

const groupId = 'g';
const current = () => true;
const committed = '7';

async function unused(): Promise<never> {
  throw new Error('nobody asks this here');
}

/** All of the group has been committed before: nobody has to be asked where a topic begins. */
const broker: Broker = {
  nodeId: '1',
  isConnected: () => true,
  joinGroup: unused,
  syncGroup: unused,
  heartbeat: unused,
  leaveGroup: unused,
  offsetCommit: unused,
  offsetFetch: async ({ topics }) => ({
    responses: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, offset: committed })),
    })),
  }),
  fetch: unused,
  listOffsets: unused,
  describeConfigs: unused,
};

describe('MemberReading', () => {
  let reading: MemberReading;
  let story: string[];
  let mayEnd: () => void;

  beforeEach(async () => {
    story = [];
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    mayEnd = resolve;
    const clock = new ManualClock();
    const surroundings = surroundingsOf({ brokers: ['b:1'], clientId: 'c', clock });
    const seat = new GroupSeat(surroundings, groupId, 10_000, {
      onAssignment: unused,
      onLost: () => undefined,
    });
    const cluster: Cluster = {
      connect: unused,
      disconnect: unused,
      metadata: unused,
      findBroker: unused,
      findGroupCoordinator: async () => broker,
      refreshMetadataIfNecessary: unused,
    };
    seat.attach(cluster);
    await cluster.findGroupCoordinator({ groupId });
    const subscription = {
      groupId,
      topics: ['t'],
      broadcast: [],
      isolation: 'read-committed' as const,
      sessionTimeoutMs: 10_000,
      onAssigned: ({ partition }: { readonly partition: number }) => {
        story.push(`assigned ${partition}`);
        return {
          onRecords: () => undefined,
          onRevoked: () => {
            story.push(`revoked ${partition}`);
            return ended;
          },
        };
      },
      onBroadcast: () => undefined,
      onCrash: () => undefined,
    };
    const directory = new TopicDirectory(surroundings);
    reading = new MemberReading({ surroundings, directory, subscription, seat });
  });

  function introduce(claims: readonly GroupClaim[]): void {
    for (const claim of claims) reading.introduce(claim);
  }

  it('takes nothing from the moment it gives up all, until its topics have changed', async () => {
    introduce(await reading.take({ t: [0] }, current));
    const givenUp = reading.giveUp();
    expect(await reading.take({ t: [0, 1] }, current)).toEqual([]);
    mayEnd();
    await givenUp;
    expect(await reading.take({ t: [0, 1] }, current)).toEqual([]);
    expect(reading.partitions).toEqual([]);
    reading.change(['t', 'more']);
    const [claim] = await reading.take({ t: [1], more: [1] }, current);
    expect(claim?.position('more')).toBe(BigInt(committed));
    expect(story).toEqual(['assigned 0', 'revoked 0']);
  });

  it('nor what it was about to take', async () => {
    const taking = reading.take({ t: [0] }, current);
    await reading.giveUp();
    expect(await taking).toEqual([]);
    expect(reading.partitions).toEqual([]);
  });

  it('nor what another join has taken meanwhile', async () => {
    const both = await Promise.all([
      reading.take({ t: [0] }, current),
      reading.take({ t: [0, 1] }, current),
    ]);
    expect(both.map((claims) => claims.map(({ partition }) => partition))).toEqual([[0], [1]]);
    for (const claims of both) introduce(claims);
    expect(story).toEqual(['assigned 0', 'assigned 1']);
  });

  it('no reader is found for what was given up before it was found', async () => {
    const claims = await reading.take({ t: [0] }, current);
    const givenUp = reading.giveUp();
    introduce(claims);
    await givenUp;
    expect(story).toEqual([]);
    expect(claims.map(({ lost }) => lost.aborted)).toEqual([true]);
  });

  it('nor for what was lost before it was found', async () => {
    const claims = await reading.take({ t: [0] }, current);
    reading.lose();
    introduce(claims);
    expect(story).toEqual([]);
  });
});
