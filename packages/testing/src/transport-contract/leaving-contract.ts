import type { Transport } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { type ContractWorld, record, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';
import type { GroupMemberProbe } from './group-member-probe.ts';

const numbers = [0, 1, 2, 3, 4, 5];

/** Of three members with two partition numbers each, one ends slowly what it has begun, and another one leaves meanwhile. */
export function leavingContract(world: () => ContractWorld): void {
  describe('a member that gives up all it holds while another one leaves', () => {
    it('is assigned nothing from then on, nor delivered to, and holds nothing when it is closed', async () => {
      const { slow, leaver, stayer, mayEnd, send, topics } = await threeMembers(world());
      const assigned = [...slow.story];
      const closing = slow.consumer.close();
      await offerMore(slow, leaver, stayer);
      await send(topics[0]);
      await eventually('3 records', () => stayer.received.length === 3);
      mayEnd();
      await closing;
      expect(slow.story.slice(0, 2)).toEqual(assigned);
      expect(slow.story.slice(2).every((told) => told.startsWith('revoked'))).toBe(true);
      expect(slow.story).toHaveLength(4);
      expect([...slow.claims.values()].map(({ lost }) => lost.aborted)).toEqual([true, true]);
      expect(slow.consumer.partitions).toEqual([]);
      await eventually('6 records', () => stayer.received.length === 6);
      expect(slow.received).toEqual([]);
    });

    it('to read other topics: reads them in whatever it is assigned then', async () => {
      const { slow, leaver, stayer, mayEnd, send, topics } = await threeMembers(world());
      const changing = slow.consumer.changeTopics(topics);
      await offerMore(slow, leaver, stayer);
      await send(topics[0]);
      await eventually('3 records', () => stayer.received.length === 3);
      mayEnd();
      await changing;
      await eventually('all is its own', () => slow.consumer.partitions.length === 6);
      await send(topics[1]);
      await eventually('6 records', () => slow.from(topics[1]).length === 6);
      expect(valuesOf(slow.from(topics[1])).sort()).toEqual(numbers.map(String));
    });
  });
}

async function threeMembers(world: ContractWorld) {
  const transports: [Transport, Transport, Transport] = [world.open(), world.open(), world.open()];
  const topics = await world.topics(transports[0], numbers.length, 2);
  const groupId = world.name('g');
  const { promise: ended, resolve: mayEnd } = Promise.withResolvers<void>();
  const own = { groupId, topics: [topics[0]] };
  const leaver = await world.join(transports[0], own);
  const stayer = await world.join(transports[1], { ...own, marksDone: true });
  // The last one: until then it has nothing to give away.
  const slow = await world.join(transports[2], { ...own, onRevoked: () => ended });
  await eventually('two each', () =>
    [leaver, stayer, slow].every(({ consumer }) => consumer.partitions.length === 2),
  );
  const producer = transports[1].createProducer();
  const send = (topic: string) =>
    producer.send(numbers.map((number) => record(topic, 'k', String(number), number)));
  return { slow, leaver, stayer, mayEnd, send, topics };
}

/** `slow` has begun to give up. What `leaver` had is divided between the two that are still in the group. */
async function offerMore(
  slow: GroupMemberProbe,
  leaver: GroupMemberProbe,
  stayer: GroupMemberProbe,
): Promise<void> {
  await eventually('it gives up both', () => slow.story.length === 4);
  await leaver.consumer.close();
  await eventually('its half', () => stayer.consumer.partitions.length === 3);
}
