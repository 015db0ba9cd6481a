import { describe, expect, it } from 'vitest';
import { type ContractWorld, record, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function pauseContract(world: () => ContractWorld): void {
  describe('pause', () => {
    it('nothing of a paused topic is delivered until resume, also not what was fetched before', async () => {
      const transport = world().open();
      const [paused, flowing] = await world().topics(transport, 1, 2);
      const producer = transport.createProducer();
      await producer.send(recordsOf(paused, 2_000));
      let running = true;
      const member = await world().join(transport, {
        groupId: world().name('g'),
        topics: [paused, flowing],
        onRecords: ([first], claim) => {
          if (first?.topic !== paused) return;
          expect(running).toBe(true);
          running = false;
          claim.pause([paused]);
        },
      });
      await eventually('the first records', () => !running);
      const delivered = member.from(paused).length;
      await producer.send(recordsOf(paused, 100, 'more-'));
      for (let round = 1; round <= 5; round += 1) {
        await producer.send([record(flowing, 'k')]);
        await eventually('the other topic flows', () => member.from(flowing).length === round);
      }
      expect(member.from(paused)).toHaveLength(delivered);
      let resumed = 0;
      while (member.from(paused).length < 2_100 && resumed < 2_100) {
        const before = member.from(paused).length;
        running = true;
        resumed += 1;
        member.claim(0).resume([paused]);
        await eventually('more records', () => member.from(paused).length > before);
      }
      const offsets = member.from(paused).map(({ offset }) => Number(offset));
      expect(offsets).toEqual(Array.from({ length: 2_100 }, (_, offset) => offset));
    });

    it('a topic that is paused when it is assigned delivers nothing', async () => {
      const transport = world().open();
      const [paused, flowing] = await world().topics(transport, 1, 2);
      const producer = transport.createProducer();
      await producer.send([record(paused, 'k'), record(flowing, 'k')]);
      const member = await world().join(transport, {
        groupId: world().name('g'),
        topics: [paused, flowing],
        onAssigned: (claim) => claim.pause([paused]),
      });
      await eventually('the other topic', () => member.from(flowing).length === 1);
      await producer.send([record(flowing, 'k')]);
      await eventually('the other topic again', () => member.from(flowing).length === 2);
      expect(member.from(paused)).toEqual([]);
      member.claim(0).resume([paused]);
      await eventually('the paused topic', () => member.from(paused).length === 1);
    });

    it('pausing and resuming in one tick loses and doubles nothing', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      const member = await world().join(transport, {
        groupId: world().name('g'),
        topics: [topic],
        onRecords: (_, claim) => {
          claim.pause([topic]);
          claim.resume([topic]);
        },
      });
      for (let round = 0; round < 20; round += 1) {
        await producer.send(recordsOf(topic, 10, `${round}-`));
      }
      await eventually('200 records', () => member.received.length >= 200);
      const offsets = member.received.map(({ offset }) => Number(offset));
      expect(offsets).toEqual(Array.from({ length: 200 }, (_, offset) => offset));
    });

    it('a handler slower than the session time-out causes no rebalance, paused or not', async () => {
      const transport = world().open();
      const [slow, flowing] = await world().topics(transport, 1, 2);
      const producer = transport.createProducer();
      const member = await world().join(transport, {
        groupId: world().name('g'),
        topics: [slow, flowing],
        onRecords: ([first], claim) => {
          if (first?.topic === slow) claim.pause([slow]);
        },
      });
      await producer.send([record(slow, 'k'), record(flowing, 'k', '0')]);
      await eventually('both topics', () => member.received.length === 2);
      // Its handler is at work on the first record for longer than the session, without a word to the consumer.
      const startedMs = performance.now();
      for (let round = 1; performance.now() - startedMs < sessions(2); round += 1) {
        await producer.send([record(flowing, 'k', String(round))]);
        await eventually('the flow goes on', () => member.from(flowing).length > round);
      }
      member.claim(0).markDone(slow, 1n);
      expect(member.story).toEqual(['assigned 0']);
      expect(member.consumer.healthy).toBe(true);
      expect(valuesOf(member.from(slow))).toEqual(['k']);
    });
  });

  function sessions(count: number): number {
    return world().fixture.sessionTimeoutMs * count;
  }
}
