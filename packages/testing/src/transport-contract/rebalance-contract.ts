import { describe, expect, it } from 'vitest';
import { type ContractWorld, record, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';
import type { TransportFeatures } from './transport-fixture.ts';

export function rebalanceContract(world: () => ContractWorld, features: TransportFeatures): void {
  describe('rebalance', () => {
    it('waits for onRevoked, and what it marks as done counts', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 2, 1);
      await one.createProducer().send([0, 1].flatMap((at) => recordsOf(topic, 5, `${at}-`, at)));
      const groupId = world().name('g');
      const ended: number[] = [];
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      const first = await world().join(one, {
        groupId,
        topics: [topic],
        onRevoked: async (claim) => {
          await mayEnd;
          expect(claim.lost.aborted).toBe(false);
          claim.markDone(topic, 4n);
          ended.push(claim.partition);
        },
      });
      await eventually('10 records', () => first.received.length === 10);
      const before = new Map(first.claims);
      const joining = world().join(two, { groupId, topics: [topic] });
      await eventually('a revocation', () => first.story.includes('revoked 1'));
      expect(await world().fixture.committed(groupId, topic, 1)).toBeUndefined();
      end();
      const second = await joining;
      await eventually('the second has one', () => second.consumer.partitions.length === 1);
      const [moved = -1] = second.consumer.partitions;
      await eventually('1 record', () => second.received.length === 1);
      expect(ended).toContain(moved);
      expect(valuesOf(second.received)).toEqual([`${moved}-4`]);
      expect(before.get(moved)?.lost.aborted).toBe(true);
      await eventually('the first has one', () => first.consumer.partitions.length === 1);
    });

    it.skipIf(!features.stickyClaims)(
      'in the middle of a batch: what was done is not read again, what was not is, and nobody else reads it',
      async () => {
        const [one, two] = [world().open(), world().open()];
        const [topic] = await world().topics(one, 2, 1);
        const producer = two.createProducer();
        await producer.send([0, 1].flatMap((at) => recordsOf(topic, 10, `${at}-`, at)));
        const groupId = world().name('g');
        const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
        const first = await world().join(one, {
          groupId,
          topics: [topic],
          onRevoked: async (claim) => {
            await mayEnd;
            // The handler of the fifth record has ended meanwhile.
            claim.markDone(topic, 5n);
          },
        });
        await eventually('both batches', () => first.received.length === 20);
        for (const partition of [0, 1]) first.claim(partition).markDone(topic, 4n);
        const joining = world().join(two, { groupId, topics: [topic] });
        await eventually('a revocation', () =>
          first.story.some((told) => told.startsWith('revoked')),
        );
        await producer.send([0, 1].map((at) => record(topic, 'k', `${at}-more`, at)));
        const [kept = -1] = [0, 1].filter((at) => !first.story.includes(`revoked ${at}`));
        await eventually('what stays is read on', () => {
          return valuesOf(first.received).includes(`${kept}-more`);
        });
        end();
        const second = await joining;
        await eventually('what moved is read', () => second.received.length === 6);
        const moved = 1 - kept;
        const left = ['5', '6', '7', '8', '9', 'more'].map((name) => `${moved}-${name}`);
        expect(valuesOf(second.received)).toEqual(left);
        expect(valuesOf(first.from(topic, moved))).not.toContain(`${moved}-more`);
        expect(first.from(topic, kept)).toHaveLength(11);
      },
    );

    it('a reader that does not end within the limit loses the partition all the same', async () => {
      const [one, two] = [world().open({ revokeTimeoutMs: 200 }), world().open()];
      const [topic] = await world().topics(one, 2, 1);
      const groupId = world().name('g');
      const { promise: never } = Promise.withResolvers<void>();
      const first = await world().join(one, { groupId, topics: [topic], onRevoked: () => never });
      const claims = new Map(first.claims);
      const second = await world().join(two, { groupId, topics: [topic] });
      await eventually('the second has one', () => second.consumer.partitions.length === 1);
      const [moved = -1] = second.consumer.partitions;
      expect(claims.get(moved)?.lost.aborted).toBe(true);
    });

    it('a claim that was lost does nothing any more', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 1, 1);
      await one.createProducer().send(recordsOf(topic, 3));
      const groupId = world().name('g');
      const first = await world().join(one, { groupId, topics: [topic] });
      const old = first.claim(0);
      await eventually('3 records', () => first.received.length === 3);
      await first.consumer.close();
      expect(old.lost.aborted).toBe(true);
      const second = await world().join(two, { groupId, topics: [topic] });
      await eventually('3 records', () => second.received.length === 3);
      old.markDone(topic, 3n);
      old.pause([topic]);
      old.seek(topic, 0n);
      old.resume([topic]);
      await second.consumer.close();
      expect(await world().fixture.committed(groupId, topic, 0)).toBeUndefined();
      expect([first.received.length, second.received.length]).toEqual([3, 3]);
    });

    it.skipIf(!features.stickyClaims)(
      'what stays with a member is not revoked, and not delivered again',
      async () => {
        const [one, two] = [world().open(), world().open()];
        const [topic] = await world().topics(one, 4, 1);
        const groupId = world().name('g');
        const first = await world().join(one, { groupId, topics: [topic] });
        const producer = one.createProducer();
        await producer.send([0, 1, 2, 3].map((at) => record(topic, 'k', 'early', at)));
        await eventually('4 records', () => first.received.length === 4);
        const before = new Map(first.claims);
        const second = await world().join(two, { groupId, topics: [topic] });
        await eventually('two each', () =>
          [first, second].every(({ consumer }) => consumer.partitions.length === 2),
        );
        for (const kept of first.consumer.partitions) {
          expect(first.claim(kept)).toBe(before.get(kept));
          expect(first.claim(kept).lost.aborted).toBe(false);
          expect(first.story).not.toContain(`revoked ${kept}`);
        }
        await producer.send([0, 1, 2, 3].map((at) => record(topic, 'k', 'late', at)));
        await eventually('late records', () => {
          return (
            valuesOf([...first.received, ...second.received]).filter((v) => v === 'late').length ===
            4
          );
        });
        for (const kept of first.consumer.partitions) {
          expect(valuesOf(first.from(topic, kept))).toEqual(['early', 'late']);
        }
      },
    );

    it('a lost session aborts the claim before onRevoked, and nothing is committed any more', async () => {
      const one = world().open();
      const [topic] = await world().topics(one, 1, 1);
      await one.createProducer().send(recordsOf(topic, 3));
      const groupId = world().name('g');
      const aborted: boolean[] = [];
      const first = await world().join(one, {
        groupId,
        topics: [topic],
        onRevoked: (claim) => {
          aborted.push(claim.lost.aborted);
          claim.markDone(topic, 3n);
        },
      });
      const old = first.claim(0);
      await eventually('3 records', () => first.received.length === 3);
      await world().fixture.loseSessions(one);
      await eventually('the old claim is lost', () => old.lost.aborted);
      await eventually('onRevoked was called', () => aborted.length > 0);
      expect(aborted[0]).toBe(true);
      await eventually('a new claim gets the records again', () => first.received.length === 6);
      expect(first.claim(0)).not.toBe(old);
      expect(await world().fixture.committed(groupId, topic, 0)).toBeUndefined();
    });

    it('no record is delivered while its partition is being revoked', async () => {
      const [one, two] = [world().open(), world().open()];
      const [topic] = await world().topics(one, 1, 1);
      const producer = two.createProducer();
      const groupId = world().name('g');
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      const first = await world().join(one, { groupId, topics: [topic], onRevoked: () => mayEnd });
      const closing = first.consumer.close();
      await eventually('a revocation', () => first.story.includes('revoked 0'));
      await producer.send(recordsOf(topic, 3));
      const other = await world().join(two, { groupId: world().name('g'), topics: [topic] });
      await eventually('another group has them', () => other.received.length === 3);
      expect(first.received).toEqual([]);
      end();
      await closing;
    });
  });
}
