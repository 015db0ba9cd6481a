import { describe, expect, it } from 'vitest';
import { type ContractWorld, failureOf, record, recordsOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function closingContract(world: () => ContractWorld): void {
  describe('close', () => {
    it('while busy: waits for the readers, who still send and mark as done', async () => {
      const [busy, other] = [world().open(), world().open()];
      const [source, sink] = await world().topics(other, 1, 2);
      const groupId = world().name('g');
      const producer = busy.createProducer();
      await other.createProducer().send(recordsOf(source, 100));
      const member = await world().join(busy, {
        groupId,
        topics: [source],
        onRevoked: async (claim) => {
          await producer.send([record(sink, 'k', 'last words')]);
          claim.markDone(source, 50n);
        },
      });
      await eventually('100 records', () => member.received.length === 100);
      await Promise.all([busy.close(), busy.close()]);
      expect(member.claim(0).lost.aborted).toBe(true);
      expect(await world().fixture.committed(groupId, source, 0)).toBe(50n);
      const ends = await other.topics.endOffsets([sink], 0, 'read-committed');
      expect(ends.get(sink)).toBe(1n);
      await other.createProducer().send(recordsOf(source, 1));
      const heir = await world().join(other, { groupId, topics: [source] });
      await eventually('51 records', () => heir.received.length === 51);
      expect(member.received).toHaveLength(100);
      expect(member.crashes).toEqual([]);
    });

    it('pending sends are rejected, not left hanging', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      await producer.send([record(topic, 'k')]);
      const pending = failureOf(producer.send([record(topic, 'k')]));
      await transport.close();
      expect(await pending).toMatchObject({ code: 'stopped' });
    });

    it('afterwards everything is refused', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      const transactional = await transport.openTransactionalProducer(world().name('t'));
      await transport.close();
      const refused = [
        () => producer.send([record(topic, 'k')]),
        () => transactional.commit([record(topic, 'k')]),
        () => transport.openTransactionalProducer(world().name('t')),
        () => world().join(transport, { groupId: world().name('g'), topics: [topic] }),
        () => transport.check(AbortSignal.timeout(10_000)),
        () => transport.topics.partitionCounts([topic]),
        async () => transport.createProducer(),
      ];
      for (const refuse of refused) {
        expect(await failureOf(refuse())).toMatchObject({ code: 'stopped' });
      }
    });

    it('what is being opened meanwhile is refused, or of no use', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const id = world().name('t');
      const opening = transport.openTransactionalProducer(id);
      const outcome = failureOf(
        opening.then((producer) => producer.commit([record(topic, 'k', 'too late')])),
      );
      await transport.close();
      expect(await outcome).toMatchObject({ code: 'stopped' });
      const other = world().open();
      await other.createProducer().send([record(topic, 'k')]);
      const ends = await other.topics.endOffsets([topic], 0, 'read-uncommitted');
      expect(ends.get(topic)).toBe(1n);
    });

    it('a consumer that is closed twice revokes once', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await Promise.all([member.consumer.close(), member.consumer.close()]);
      expect(member.story).toEqual(['assigned 0', 'revoked 0']);
      expect(member.consumer.partitions).toEqual([]);
    });
  });
}
