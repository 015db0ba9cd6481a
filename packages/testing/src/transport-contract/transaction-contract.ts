import { describe, expect, it } from 'vitest';
import {
  type ContractWorld,
  commitWith,
  failureOf,
  record,
  recordsOf,
  valuesOf,
} from './contract-world.ts';
import { eventually } from './eventually.ts';

export function transactionContract(world: () => ContractWorld): void {
  describe('transactions', () => {
    it('all records of a commit are read, in the order given for each partition', async () => {
      const transport = world().open();
      const topics = await world().topics(transport, 2, 2);
      const records = topics.flatMap((topic) =>
        [0, 1].flatMap((at) => recordsOf(topic, 50, 'v', at)),
      );
      const producer = await commitWith(transport, world().name('t'), records);
      await producer.commit(topics.map((topic) => record(topic, 'k', 'last', 0)));
      const member = await world().join(transport, { groupId: world().name('g'), topics });
      await eventually('202 records', () => member.received.length === 202);
      const [first] = topics;
      expect(valuesOf(member.from(first, 1))).toEqual(
        Array.from({ length: 50 }, (_, at) => `v${at}`),
      );
      expect(valuesOf(member.from(first, 0)).at(-1)).toBe('last');
    });

    it('commits one after the other are quick enough to be many, and none is lost', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = await transport.openTransactionalProducer(world().name('t'));
      for (let round = 0; round < 20; round += 1)
        await producer.commit([record(topic, 'k', `${round}`)]);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('20 records', () => member.received.length === 20);
      expect(valuesOf(member.received)).toEqual(Array.from({ length: 20 }, (_, at) => `${at}`));
    });

    it('takes more records at once than fit in one batch', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const filler = 'x'.repeat(1_000);
      await commitWith(transport, world().name('t'), recordsOf(topic, 2_500, filler));
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('2,500 records', () => member.received.length === 2_500);
    });

    it('what is not committed is seen with read-uncommitted only', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const open = (isolation: 'read-committed' | 'read-uncommitted') =>
        world().join(transport, { groupId: world().name('g'), topics: [topic], isolation });
      const [committed, uncommitted] = [
        await open('read-committed'),
        await open('read-uncommitted'),
      ];
      const id = world().name('t');
      await world().fixture.leaveTransactionOpen(id, recordsOf(topic, 2, 'open-'));
      await transport.createProducer().send([record(topic, 'k', 'plain')]);
      await eventually('3 records', () => uncommitted.received.length === 3);
      expect(committed.received).toEqual([]);
      const ends = async (isolation: 'read-committed' | 'read-uncommitted') =>
        (await transport.topics.endOffsets([topic], 0, isolation)).get(topic);
      expect(await ends('read-committed')).toBe(0n);
      expect(await ends('read-uncommitted')).toBe(3n);
      await transport.openTransactionalProducer(id);
      await eventually('the plain record', () => committed.received.length === 1);
      expect(valuesOf(committed.received)).toEqual(['plain']);
      expect(valuesOf(uncommitted.received)).toEqual(['open-0', 'open-1', 'plain']);
      expect(await ends('read-committed')).toBe(4n);
    });

    it('opening the id aborts what an older holder left open', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const id = world().name('t');
      await world().fixture.leaveTransactionOpen(id, recordsOf(topic, 2, 'lost-'));
      await commitWith(transport, id, [record(topic, 'k', 'kept')]);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('the end', () => member.claim(0).position(topic) === 5n);
      expect(valuesOf(member.received)).toEqual(['kept']);
    });

    it.each(['first', 'second'])(
      'overlapping transactions that were aborted, the %s one first, are seen from nowhere',
      async (early) => {
        const transport = world().open();
        const [topic] = await world().topics(transport, 1, 1);
        const ids = { first: world().name('t'), second: world().name('t') };
        await world().fixture.leaveTransactionOpen(ids.first, recordsOf(topic, 2, 'first-'));
        await world().fixture.leaveTransactionOpen(ids.second, recordsOf(topic, 2, 'second-'));
        const inOrder = early === 'first' ? [ids.first, ids.second] : [ids.second, ids.first];
        for (const id of inOrder) await transport.openTransactionalProducer(id);
        await transport.createProducer().send([record(topic, 'k', 'seen')]);
        for (const from of [0n, 1n, 2n, 3n]) {
          const member = await world().join(transport, {
            groupId: world().name('g'),
            topics: [topic],
            onAssigned: (claim) => claim.seek(topic, from),
          });
          await eventually('the end', () => member.claim(0).position(topic) === 7n);
          expect(valuesOf(member.received)).toEqual(['seen']);
          await member.consumer.close();
        }
      },
    );

    it('an older holder is fenced, its records are never seen, and it stays dead', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 1, 1);
      const id = world().name('t');
      const zombie = await commitWith(one, id, [record(topic, 'k', 'before')]);
      const heir = await two.openTransactionalProducer(id);
      const fenced = { code: 'producer-fenced', retryable: false };
      expect(await failureOf(zombie.commit([record(topic, 'k', 'zombie')]))).toMatchObject(fenced);
      expect(await failureOf(zombie.commit([record(topic, 'k', 'zombie')]))).toMatchObject(fenced);
      await heir.commit([record(topic, 'k', 'after')]);
      const member = await world().join(two, { groupId: world().name('g'), topics: [topic] });
      await eventually('2 records', () => member.received.length === 2);
      await eventually('the end', async () => {
        const ends = await two.topics.endOffsets([topic], 0, 'read-committed');
        return member.claim(0).position(topic) === ends.get(topic);
      });
      expect(valuesOf(member.received)).toEqual(['before', 'after']);
      await zombie.close();
      await heir.commit([record(topic, 'k', 'still there')]);
    });

    it('a commit that meets a take-over is seen whole or not at all', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 1, 1);
      const id = world().name('t');
      const older = await one.openTransactionalProducer(id);
      const [commit] = await Promise.allSettled([
        older.commit(recordsOf(topic, 100)),
        two.openTransactionalProducer(id),
      ]);
      const member = await world().join(two, { groupId: world().name('g'), topics: [topic] });
      await eventually('the end', async () => {
        const ends = await two.topics.endOffsets([topic], 0, 'read-uncommitted');
        return member.claim(0).position(topic) === ends.get(topic);
      });
      expect([0, 100]).toContain(member.received.length);
      if (commit.status === 'fulfilled') expect(member.received).toHaveLength(100);
    });

    it('a commit that was refused leaves nothing behind, and the producer dead', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const large = record(topic, 'large', 'x'.repeat(world().fixture.recordBytesMax));
      const missing = record(world().name('missing'), 'k');
      for (const [bad, code] of [
        [large, 'message-too-large'],
        [missing, 'topic-missing'],
      ] as const) {
        const producer = await transport.openTransactionalProducer(world().name('t'));
        const failure = await failureOf(producer.commit([record(topic, 'k'), bad]));
        expect(failure).toMatchObject({ code });
        expect(await failureOf(producer.commit([record(topic, 'k')]))).toMatchObject({ code });
        await producer.close();
      }
      const ends = await transport.topics.endOffsets([topic], 0, 'read-committed');
      expect(ends.get(topic)).toBe(0n);
    });

    it('after close a commit is refused', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = await commitWith(transport, world().name('t'), [record(topic, 'k')]);
      await Promise.all([producer.close(), producer.close()]);
      expect(await failureOf(producer.commit([record(topic, 'k')]))).toMatchObject({
        code: 'stopped',
      });
    });
  });
}
