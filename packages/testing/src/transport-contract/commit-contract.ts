import { describe, expect, it } from 'vitest';
import { type ContractWorld, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function commitContract(world: () => ContractWorld): void {
  describe('commits', () => {
    it('only what is done is committed: the rest comes again after a close', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 1, 1);
      await one.createProducer().send(recordsOf(topic, 5));
      const groupId = world().name('g');
      const first = await world().join(one, { groupId, topics: [topic] });
      await eventually('5 records', () => first.received.length === 5);
      first.claim(0).markDone(topic, 3n);
      await first.consumer.close();
      expect(await world().fixture.committed(groupId, topic, 0)).toBe(3n);
      const second = await world().join(two, { groupId, topics: [topic] });
      await eventually('2 records', () => second.received.length === 2);
      expect(valuesOf(second.received)).toEqual(['3', '4']);
    });

    it('nothing is committed of what is not done', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 1, 1);
      await one.createProducer().send(recordsOf(topic, 5));
      const groupId = world().name('g');
      const first = await world().join(one, { groupId, topics: [topic] });
      await eventually('5 records', () => first.received.length === 5);
      await first.consumer.close();
      expect(await world().fixture.committed(groupId, topic, 0)).toBeUndefined();
      const second = await world().join(two, { groupId, topics: [topic] });
      await eventually('5 records', () => second.received.length === 5);
    });

    it('commits in the background while the member goes on', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const groupId = world().name('g');
      const member = await world().join(transport, { groupId, topics: [topic], marksDone: true });
      await transport.createProducer().send(recordsOf(topic, 5));
      await eventually(
        'the group has committed 5',
        async () => (await world().fixture.committed(groupId, topic, 0)) === 5n,
      );
      expect(member.received).toHaveLength(5);
    });

    it('after a crash another member gets everything that was not committed', async () => {
      const [doomed, heir] = [world().open(), world().open()];
      const [topic] = await world().topics(heir, 1, 1);
      await heir.createProducer().send(recordsOf(topic, 10));
      const groupId = world().name('g');
      const first = await world().join(doomed, { groupId, topics: [topic] });
      await eventually('10 records', () => first.received.length === 10);
      first.claim(0).markDone(topic, 4n);
      await eventually(
        'the group has committed 4',
        async () => (await world().fixture.committed(groupId, topic, 0)) === 4n,
      );
      await world().fixture.crash(doomed);
      const second = await world().join(heir, { groupId, topics: [topic] });
      await eventually('6 records', () => second.received.length === 6);
      expect(valuesOf(second.received)).toEqual(['4', '5', '6', '7', '8', '9']);
    });
  });
}
