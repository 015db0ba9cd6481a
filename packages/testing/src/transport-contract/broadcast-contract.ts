import { describe, expect, it } from 'vitest';
import { type ContractWorld, commitWith, record, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function broadcastContract(world: () => ContractWorld): void {
  describe('broadcast topics', () => {
    it('every member reads all partitions from their beginning, whatever their number', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 2, 1);
      const [announced] = await world().topics(one, 3, 1);
      const producer = one.createProducer();
      await producer.send([0, 1, 2].flatMap((at) => [record(announced, 'k', `${at}`, at)]));
      const options = { groupId: world().name('g'), topics: [topic], broadcast: [announced] };
      const members = [await world().join(one, options), await world().join(two, options)];
      await eventually('3 each', () => members.every(({ broadcast }) => broadcast.length === 3));
      await producer.send([record(announced, 'k', 'later', 1)]);
      await eventually('4 each', () => members.every(({ broadcast }) => broadcast.length === 4));
      for (const { broadcast, received } of members) {
        const second = broadcast.filter(({ partition }) => partition === 1);
        expect(valuesOf(second)).toEqual(['1', 'later']);
        expect(received).toEqual([]);
      }
    });

    it('a member that comes again reads all again', async () => {
      const transport = world().open();
      const [announced] = await world().topics(transport, 1, 1);
      await transport.createProducer().send([record(announced, 'k')]);
      const options = { groupId: world().name('g'), topics: [], broadcast: [announced] };
      for (let round = 0; round < 2; round += 1) {
        const member = await world().join(transport, options);
        await eventually('1 record', () => member.broadcast.length === 1);
        await member.consumer.close();
      }
    });

    it('changeTopics goes on where it was', async () => {
      const transport = world().open();
      const [first, second] = await world().topics(transport, 1, 2);
      const [announced] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      await producer.send([record(announced, 'k', 'a')]);
      const options = { groupId: world().name('g'), topics: [first], broadcast: [announced] };
      const member = await world().join(transport, options);
      await eventually('1 record', () => member.broadcast.length === 1);
      await member.consumer.changeTopics([first, second]);
      await producer.send([record(announced, 'k', 'b')]);
      await eventually('2 records', () => member.broadcast.length === 2);
      expect(valuesOf(member.broadcast)).toEqual(['a', 'b']);
    });

    it('the position reaches the end, also where the last entries are markers or aborted records', async () => {
      const transport = world().open();
      const [announced] = await world().topics(transport, 2, 1);
      const id = world().name('t');
      await commitWith(transport, id, recordsOf(announced, 3, '', 1));
      const options = { groupId: world().name('g'), topics: [], broadcast: [announced] };
      const { consumer, broadcast } = await world().join(transport, options);
      const end = async (): Promise<bigint | undefined> =>
        (await transport.topics.endOffsets([announced], 1, 'read-committed')).get(announced);
      const isAtEnd = async () => consumer.broadcastPosition(announced, 1) === (await end());
      await eventually('the marker was passed', isAtEnd);
      expect(await end()).toBe(4n);
      expect(valuesOf(broadcast)).toEqual(['0', '1', '2']);
      await world().fixture.leaveTransactionOpen(id, recordsOf(announced, 2, 'aborted-', 1));
      await transport.openTransactionalProducer(id);
      await eventually('the aborted were passed', async () => (await end()) === 7n && isAtEnd());
      expect(valuesOf(broadcast)).toEqual(['0', '1', '2']);
      expect(consumer.broadcastPosition(announced, 0)).toBe(0n);
    });

    it('the position is at the end where all records were deleted', async () => {
      const transport = world().open();
      const [announced] = await world().topics(transport, 1, 1);
      await transport.createProducer().send(recordsOf(announced, 3));
      await world().fixture.deleteBefore(announced, 0, 3n);
      const options = { groupId: world().name('g'), topics: [], broadcast: [announced] };
      const { consumer } = await world().join(transport, options);
      expect(consumer.broadcastPosition(announced, 0)).toBe(3n);
      await consumer.close();
      expect(consumer.broadcastPosition(announced, 0)).toBe(3n);
    });

    it('a rebalance delivers nothing twice to who stays', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 2, 1);
      const [announced] = await world().topics(one, 1, 1);
      const producer = one.createProducer();
      await producer.send([record(announced, 'k', 'a')]);
      const options = { groupId: world().name('g'), topics: [topic], broadcast: [announced] };
      const first = await world().join(one, options);
      await eventually('1 record', () => first.broadcast.length === 1);
      const second = await world().join(two, options);
      await eventually('one each', () =>
        [first, second].every(({ consumer }) => consumer.partitions.length === 1),
      );
      await producer.send([record(announced, 'k', 'b')]);
      await eventually('both read it', () =>
        [first, second].every(({ broadcast }) => valuesOf(broadcast).includes('b')),
      );
      expect(valuesOf(first.broadcast)).toEqual(['a', 'b']);
      expect(valuesOf(second.broadcast)).toEqual(['a', 'b']);
    });
  });
}
