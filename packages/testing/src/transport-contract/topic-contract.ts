import { recordBytes } from '@troupe/core/internal';
import { describe, expect, it } from 'vitest';
import { type ContractWorld, failureOf, record, recordsOf } from './contract-world.ts';

export function topicContract(world: () => ContractWorld): void {
  describe('topics', () => {
    it('create makes what is missing and leaves alone what is there', async () => {
      const { topics } = world().open();
      const [old, young, odd] = [
        world().name('topic'),
        world().name('topic'),
        world().name('topic'),
      ];
      await topics.create([{ topic: old, partitions: 2, cleanup: 'delete' }]);
      await topics.create([
        { topic: old, partitions: 5, cleanup: 'compact' },
        {
          topic: young,
          partitions: 3,
          cleanup: 'compact',
          retentionMs: 1_000,
          replicationFactor: 1,
        },
      ]);
      await topics.create([]);
      const counts = await topics.partitionCounts([old, young, odd]);
      expect([...counts].sort()).toEqual(
        [
          [old, 2],
          [young, 3],
        ].sort(),
      );
      expect(await topics.partitionCounts([])).toEqual(new Map());
    });

    it('what a topic takes can be known, and is taken', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const missing = world().name('missing');
      const known = await transport.topics.recordBytesMax([topic, missing]);
      expect([...known.keys()]).toEqual([topic]);
      const bytesMax = known.get(topic) ?? 0;
      const producer = transport.createProducer();
      const ofBytes = (bytes: number) => {
        const { value } = record(topic, 'k', '');
        const filler = 'x'.repeat(bytes - recordBytes({ key: 'k', value, headers: {} }));
        return [record(topic, 'k', filler)];
      };
      await producer.send(ofBytes(bytesMax));
      expect(await failureOf(producer.send(ofBytes(bytesMax + 1)))).toMatchObject({
        code: 'message-too-large',
      });
    });

    it('start and end offsets follow the log', async () => {
      const transport = world().open();
      const [topic, empty] = await world().topics(transport, 2, 2);
      await transport.createProducer().send(recordsOf(topic, 7, '', 1));
      await world().fixture.deleteBefore(topic, 1, 3n);
      const { topics } = transport;
      expect(await topics.startOffsets([topic, empty], 1)).toEqual(
        new Map([
          [topic, 3n],
          [empty, 0n],
        ]),
      );
      for (const isolation of ['read-committed', 'read-uncommitted'] as const) {
        const ends = await topics.endOffsets([topic, empty], 1, isolation);
        expect(ends).toEqual(
          new Map([
            [topic, 7n],
            [empty, 0n],
          ]),
        );
        const others = await topics.endOffsets([topic], 0, isolation);
        expect(others.get(topic)).toBe(0n);
      }
    });

    it('the offsets of a topic or partition that does not exist are refused by name', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const missing = world().name('missing');
      for (const [topics, partition, named] of [
        [[missing], 0, missing],
        [[topic], 6, topic],
      ] as const) {
        for (const failing of [
          transport.topics.startOffsets(topics, partition),
          transport.topics.endOffsets(topics, partition, 'read-committed'),
        ]) {
          const error = await failureOf(failing);
          expect(error).toMatchObject({ code: 'topic-missing' });
          expect(String(error)).toContain(named);
        }
      }
    });
  });
}
