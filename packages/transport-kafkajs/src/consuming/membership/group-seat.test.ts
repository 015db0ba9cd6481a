import { ManualClock } from '@troupe/testing';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cluster, GroupCoordinator } from '../../client/cluster.ts';
import { surroundingsOf } from '../../client/kafka-client.ts';
import { FakeBroker } from './fake-broker.test-data.ts';
import { type GroupAssignment, GroupSeat } from './group-seat.ts';

const groupId = 'g';
const sessionTimeoutMs = 10_000;

function answer(type: string): Error {
  return Object.assign(new Error(type), { type });
}

describe('GroupSeat', () => {
  let clock: ManualClock;
  let broker: FakeBroker;
  let seat: GroupSeat;
  let heard: string[];
  let current: () => boolean;
  let cannotTake: Error | undefined;
  let taking: Promise<void> | undefined;

  beforeEach(() => {
    clock = new ManualClock();
    broker = new FakeBroker();
    heard = [];
    cannotTake = undefined;
    taking = undefined;
    const surroundings = surroundingsOf({ brokers: ['b:1'], clientId: 'c', clock });
    seat = new GroupSeat(surroundings, groupId, sessionTimeoutMs, {
      onAssignment: async (assignment: GroupAssignment, isCurrent) => {
        heard.push(`assigned ${JSON.stringify(assignment)}`);
        current = isCurrent;
        await taking;
        if (cannotTake !== undefined) throw cannotTake;
      },
      onLost: () => heard.push('lost'),
    });
  });

  /** As kafkajs joins: with the member id that it knows. */
  async function join(cluster: Cluster, memberId = ''): Promise<GroupCoordinator> {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    const joined = await coordinator.joinGroup({ groupId, memberId, groupProtocols: [] });
    await coordinator.syncGroup({ groupId, memberId: joined.memberId });
    return coordinator;
  }

  function attached(): Cluster {
    const cluster = broker.cluster();
    seat.attach(cluster);
    return cluster;
  }

  async function joined(): Promise<{ cluster: Cluster; coordinator: GroupCoordinator }> {
    const cluster = attached();
    return { cluster, coordinator: await join(cluster) };
  }

  /** What kafkajs asks before each fetch makes it join again. */
  async function expectRejoin(cluster: Cluster): Promise<void> {
    await expect(cluster.refreshMetadataIfNecessary()).rejects.toMatchObject({
      type: 'REBALANCE_IN_PROGRESS',
    });
  }

  /** As the same member; then it goes on. */
  async function expectRejoined(cluster: Cluster): Promise<void> {
    await expectRejoin(cluster);
    await join(cluster, 'member-1');
    await cluster.refreshMetadataIfNecessary();
  }

  const again = { groupId, memberId: 'member-1', groupProtocols: [] };
  const beat = { groupId, memberId: 'member-1', groupGenerationId: 1 };

  it('tells of an assignment before kafkajs goes on, and commits as the member that it is', async () => {
    await joined();
    expect(heard).toEqual(['assigned {"t":[0]}']);
    await seat.commit([{ topic: 't', partition: 0, offset: 5n }]);
    expect(broker.asked.at(-1)).toEqual([
      'commit',
      {
        ...beat,
        topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5', metadata: null }] }],
      },
    ]);
  });

  it('knows what was committed, and leaves out what was not', async () => {
    await joined();
    const wanted = [0, 1].map((partition) => ({ topic: 't', partition }));
    expect(await seat.committed(wanted)).toEqual([{ topic: 't', partition: 0, offset: 7n }]);
  });

  it.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'])(
    '%s at a heartbeat is the end of the session, once',
    async (type) => {
      const { coordinator } = await joined();
      broker.failures.set('heartbeat', answer(type));
      await expect(coordinator.heartbeat(beat)).rejects.toThrow(type);
      await expect(coordinator.heartbeat(beat)).rejects.toThrow(type);
      expect(heard.slice(1)).toEqual(['lost']);
      expect(current()).toBe(false);
      broker.asked.length = 0;
      await seat.commit([{ topic: 't', partition: 0, offset: 5n }]);
      expect(broker.asked).toEqual([]);
    },
  );

  it('an answer to an older generation says nothing of this one', async () => {
    const { coordinator } = await joined();
    broker.failures.set('heartbeat', answer('ILLEGAL_GENERATION'));
    const old = { ...beat, groupGenerationId: 0 };
    await expect(coordinator.heartbeat(old)).rejects.toThrow();
    expect(heard.slice(1)).toEqual([]);
  });

  it('a refused commit is the end of the session too', async () => {
    await joined();
    broker.failures.set('commit', answer('UNKNOWN_MEMBER_ID'));
    await expect(seat.commit([{ topic: 't', partition: 0, offset: 5n }])).rejects.toThrow();
    expect(heard.slice(1)).toEqual(['lost']);
  });

  it('a rebalance is not the end', async () => {
    const { coordinator } = await joined();
    broker.failures.set('heartbeat', answer('REBALANCE_IN_PROGRESS'));
    for (let round = 0; round < 5; round += 1) {
      clock.advance(sessionTimeoutMs * 0.6);
      await expect(coordinator.heartbeat(beat)).rejects.toThrow('REBALANCE');
    }
    expect(heard.slice(1)).toEqual([]);
  });

  it('the session ends when nothing is heard for as long', async () => {
    const { coordinator } = await joined();
    clock.advance(sessionTimeoutMs * 0.9);
    await coordinator.heartbeat(beat);
    clock.advance(sessionTimeoutMs * 0.9);
    expect(heard.slice(1)).toEqual([]);
    clock.advance(sessionTimeoutMs * 0.1);
    expect(heard.slice(1)).toEqual(['lost']);
  });

  it('a rebalance that takes its time ends no session, neither its join nor what the leader assigns', async () => {
    const { coordinator } = await joined();
    const heldUp = async (what: string) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      broker.delays.set(what, promise);
      const ended = coordinator[what === 'join' ? 'joinGroup' : 'syncGroup'](again);
      // Longer than what is left of the session, and shorter than one.
      clock.advance(sessionTimeoutMs * 0.9);
      resolve();
      await ended;
    };
    clock.advance(sessionTimeoutMs * 0.5);
    await heldUp('join');
    clock.advance(sessionTimeoutMs * 0.9);
    expect(heard.slice(1)).toEqual([]);
    await heldUp('sync');
    expect(heard.slice(1)).toEqual(['assigned {"t":[0]}']);
    clock.advance(sessionTimeoutMs);
    expect(heard.slice(2)).toEqual(['lost']);
  });

  it('a session that ended for this side alone is followed by another one', async () => {
    const { cluster, coordinator } = await joined();
    // The broker that keeps the group was frozen for as long, and so was its clock.
    clock.advance(sessionTimeoutMs);
    expect(heard.slice(1)).toEqual(['lost']);
    await coordinator.heartbeat(beat);
    await expectRejoined(cluster);
    expect(heard.slice(2)).toEqual(['assigned {"t":[0]}']);
    expect(current()).toBe(true);
  });

  it('so is one that ended while its assignment was being taken', async () => {
    const cluster = broker.cluster();
    const surroundings = surroundingsOf({ brokers: ['b:1'], clientId: 'c', clock });
    const slow = new GroupSeat(surroundings, groupId, sessionTimeoutMs, {
      // It asks a broker that does not answer where to go on.
      onAssignment: async () => clock.advance(sessionTimeoutMs),
      onLost: () => heard.push('lost'),
    });
    slow.attach(cluster);
    await join(cluster);
    expect(heard).toEqual(['lost']);
    await expectRejoin(cluster);
  });

  it('a new kafkajs consumer comes back as the same member', async () => {
    await joined();
    broker.generationId = 2;
    await joined();
    const joins = broker.asked.filter(([what]) => what === 'join');
    expect(joins.map(([, request]) => request)).toMatchObject([
      { memberId: '' },
      { memberId: 'member-1' },
    ]);
    expect(heard).not.toContain('lost');
  });

  it('which does not read what the one before was about to take', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    taking = promise;
    const joining = joined();
    await vi.waitFor(() => expect(heard).toEqual(['assigned {"t":[0]}']));
    const isOldCurrent = current;
    taking = undefined;
    seat.close();
    const { cluster } = await joined();
    expect(isOldCurrent()).toBe(false);
    resolve();
    await joining;
    expect(current()).toBe(true);
    await cluster.refreshMetadataIfNecessary();
  });

  it('and as a new one when the group has forgotten it, which ends the session before', async () => {
    await joined();
    broker.failures.set('join', answer('UNKNOWN_MEMBER_ID'));
    await expect(joined()).rejects.toThrow('UNKNOWN_MEMBER_ID');
    expect(heard.slice(1)).toEqual(['lost']);
    broker.failures.clear();
    await joined();
    expect(broker.asked.at(-2)).toMatchObject(['join', { memberId: '' }]);
  });

  it('kafkajs leaves the group only when the seat was given up', async () => {
    const { coordinator } = await joined();
    await coordinator.leaveGroup({ groupId, memberId: 'member-1' });
    expect(broker.asked.map(([what]) => what)).not.toContain('leave');
    seat.giveUp();
    await coordinator.leaveGroup({ groupId, memberId: 'member-1' });
    expect(broker.asked.at(-1)).toMatchObject(['leave', {}]);
  });

  it('makes kafkajs join again when it shall', async () => {
    const { cluster } = await joined();
    await cluster.refreshMetadataIfNecessary();
    seat.rejoin();
    await expectRejoined(cluster);
  });

  it('joins again when an assignment could not be taken', async () => {
    const cluster = attached();
    cannotTake = new Error('where it begins is not known');
    await expect(join(cluster)).rejects.toThrow(cannotTake);
    cannotTake = undefined;
    await expectRejoined(cluster);
  });

  it('joins again when nothing came of a join, as when the leader cannot assign', async () => {
    const { cluster, coordinator } = await joined();
    await coordinator.joinGroup({ groupId, memberId: 'member-1', groupProtocols: [] });
    await expectRejoined(cluster);
  });
});
