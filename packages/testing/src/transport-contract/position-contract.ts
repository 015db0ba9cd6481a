import { describe, expect, it } from 'vitest';
import { type ContractWorld, commitWith, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function positionContract(world: () => ContractWorld): void {
  describe('position and seek', () => {
    it('a seek when assigned decides what is delivered first', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      await transport.createProducer().send(recordsOf(topic, 10));
      const member = await world().join(transport, {
        groupId: world().name('g'),
        topics: [topic],
        onAssigned: (claim) => {
          claim.seek(topic, 7n);
          expect(claim.position(topic)).toBe(7n);
        },
      });
      await eventually('3 records', () => member.received.length === 3);
      expect(valuesOf(member.received)).toEqual(['7', '8', '9']);
    });

    it('a seek back delivers again, a seek ahead leaves out', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      await transport.createProducer().send(recordsOf(topic, 10));
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('10 records', () => member.received.length === 10);
      member.claim(0).seek(topic, 8n);
      await eventually('12 records', () => member.received.length === 12);
      expect(valuesOf(member.received.slice(10))).toEqual(['8', '9']);
      member.claim(0).pause([topic]);
      await transport.createProducer().send(recordsOf(topic, 10, 'more-'));
      member.claim(0).seek(topic, 19n);
      member.claim(0).resume([topic]);
      await eventually('13 records', () => member.received.length === 13);
      expect(valuesOf(member.received.slice(12))).toEqual(['more-9']);
    });

    it('a seek inside onRecords holds', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      await transport.createProducer().send(recordsOf(topic, 5));
      let seeks = 0;
      const member = await world().join(transport, {
        groupId: world().name('g'),
        topics: [topic],
        onRecords: (_, claim) => {
          seeks += 1;
          if (seeks === 1) claim.seek(topic, 3n);
        },
      });
      await eventually('the last two again', () => member.received.length >= 5 && seeks > 1);
      await eventually('the end', () => member.claim(0).position(topic) === 5n);
      const values = valuesOf(member.received);
      expect(values.slice(-2)).toEqual(['3', '4']);
    });

    it('the position is known before anything was delivered', async () => {
      const [one, two] = [world().open(), world().open()];
      const [empty, begun] = await world().topics(one, 1, 2);
      await one.createProducer().send(recordsOf(begun, 5));
      const groupId = world().name('g');
      const first = await world().join(one, { groupId, topics: [empty, begun] });
      first.claim(0).markDone(begun, 2n);
      await first.consumer.close();
      const positions: bigint[] = [];
      await world().join(two, {
        groupId,
        topics: [empty, begun],
        onAssigned: (claim) => positions.push(claim.position(empty), claim.position(begun)),
      });
      expect(positions).toEqual([0n, 2n]);
    });

    it('reaches the end also where the last entries are markers or aborted records', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const id = world().name('t');
      const { isolation } = { isolation: 'read-committed' as const };
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      const end = async (): Promise<bigint | undefined> =>
        (await transport.topics.endOffsets([topic], 0, isolation)).get(topic);
      await commitWith(transport, id, recordsOf(topic, 3));
      await eventually('the marker was passed', () => member.claim(0).position(topic) === 4n);
      expect(await end()).toBe(4n);
      await world().fixture.leaveTransactionOpen(id, recordsOf(topic, 2, 'aborted-'));
      await transport.openTransactionalProducer(id);
      await eventually('the aborted were passed', () => member.claim(0).position(topic) === 7n);
      expect(await end()).toBe(7n);
      expect(valuesOf(member.received)).toEqual(['0', '1', '2']);
    });

    it('a reader is told of what is passed over: marked as done, it may be deleted', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 1, 1);
      const id = world().name('t');
      const group = { groupId: world().name('g'), topics: [topic], marksDone: true };
      const first = await world().join(one, group);
      await commitWith(one, id, recordsOf(topic, 3));
      await eventually('3 records', () => first.received.length === 3);
      await world().fixture.leaveTransactionOpen(id, recordsOf(topic, 2, 'aborted-'));
      await one.openTransactionalProducer(id);
      await eventually('it is told', () => first.story.at(-1) === `passed ${topic}[0]`);
      await eventually(
        'all of it is committed',
        async () => (await world().fixture.committed(group.groupId, topic, 0)) === 7n,
      );
      await first.consumer.close();
      await world().fixture.deleteBefore(topic, 0, 7n);
      const second = await world().join(two, group);
      await two.createProducer().send(recordsOf(topic, 1, 'later-'));
      await eventually('what came later', () => second.received.length === 1);
      expect(valuesOf(second.received)).toEqual(['later-0']);
      expect(second.crashes).toEqual([]);
    });

    it('a committed offset that was deleted is reported, not reset', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 2, 1);
      await one.createProducer().send(recordsOf(topic, 10, '', 1));
      const groupId = world().name('g');
      const first = await world().join(one, { groupId, topics: [topic] });
      first.claim(1).markDone(topic, 2n);
      await first.consumer.close();
      await world().fixture.deleteBefore(topic, 1, 5n);
      const second = await world()
        .join(two, { groupId, topics: [topic] })
        .catch((error: unknown) => error);
      const crash = async (): Promise<unknown> =>
        second instanceof Error ? second : Object(second).crashes[0];
      await eventually('a crash', async () => (await crash()) !== undefined);
      const error = await crash();
      expect(error).toMatchObject({
        code: 'offset-out-of-range',
        details: { topic, partition: 1, offset: 2n },
      });
      expect(String(error)).toContain(`${topic}[1]`);
    });

    it.each([
      ['below the first record', 1n],
      ['beyond the end', 99n],
    ])('a seek %s stops the consumer with offset-out-of-range', async (_, offset) => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      await transport.createProducer().send(recordsOf(topic, 10));
      await world().fixture.deleteBefore(topic, 0, 5n);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('5 records', () => member.received.length === 5);
      member.claim(0).seek(topic, offset);
      await eventually('a crash', () => member.crashes.length === 1);
      expect(member.crashes[0]).toMatchObject({
        code: 'offset-out-of-range',
        details: { topic, partition: 0, offset },
      });
      expect(member.consumer.healthy).toBe(false);
      expect(member.received).toHaveLength(5);
    });
  });
}
