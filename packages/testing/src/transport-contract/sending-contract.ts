import { Buffer } from 'node:buffer';
import { partitionOf } from '@troupe/core/internal';
import { describe, expect, it } from 'vitest';
import { type ContractWorld, failureOf, record, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function sendingContract(world: () => ContractWorld): void {
  describe('sending', () => {
    it('resolves when the records are in the log', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      await transport.createProducer().send(recordsOf(topic, 3));
      const ends = await transport.topics.endOffsets([topic], 0, 'read-committed');
      expect(ends.get(topic)).toBe(3n);
    });

    it('writes the records of a partition in the order in which they were handed over', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 2, 1);
      const producer = transport.createProducer();
      const sends: Promise<void>[] = [];
      for (let round = 0; round < 20; round += 1) {
        const records = recordsOf(topic, 15, `${round}-`, round % 2);
        sends.push(producer.send(records));
        // Some sends share a tick, some come while others are under way.
        if (round % 5 === 0) await sends[0];
      }
      await Promise.all(sends);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('300 records', () => member.received.length === 300);
      for (const partition of [0, 1]) {
        const expected = Array.from({ length: 20 }, (_, round) => round)
          .filter((round) => round % 2 === partition)
          .flatMap((round) => sentValues(recordsOf(topic, 15, `${round}-`)));
        expect(valuesOf(member.from(topic, partition))).toEqual(expected);
      }
    });

    it('sends to the partition of the key, or to the one that is named', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 4, 1);
      const keys = ['a', 'b', 'order-1', 'ключ', 'order-2'];
      const producer = transport.createProducer();
      await producer.send([...keys.map((key) => record(topic, key)), record(topic, 'x', 'x', 3)]);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('6 records', () => member.received.length === 6);
      const partitions = new Map(
        member.received.map(({ value, partition }) => [
          Buffer.from(value ?? []).toString(),
          partition,
        ]),
      );
      for (const key of keys) expect(partitions.get(key)).toBe(partitionOf(key, 4));
      expect(partitions.get('x')).toBe(3);
    });

    it('waits when bufferedRecordsMax records are not acknowledged', async () => {
      const transport = world().open({ bufferedRecordsMax: 10 });
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      let acknowledged = 0;
      const sends = recordsOf(topic, 200).map(async (one) => {
        await producer.send([one]);
        acknowledged += 1;
      });
      await sends[0];
      expect(acknowledged).toBeLessThan(200);
      await Promise.all(sends);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('200 records', () => member.received.length === 200);
      expect(valuesOf(member.received)).toEqual(sentValues(recordsOf(topic, 200)));
    });

    it('takes more records at once than fit in one batch', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const filler = 'x'.repeat(1_000);
      await transport.createProducer().send(recordsOf(topic, 2_500, filler));
      const ends = await transport.topics.endOffsets([topic], 0, 'read-committed');
      expect(ends.get(topic)).toBe(2_500n);
    });

    it('refuses a record that is too large before anything is sent, and harms no other send', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      const large = record(topic, 'large', 'x'.repeat(world().fixture.recordBytesMax), 0);
      const sends = [
        producer.send([record(topic, 'k', 'before', 0)]),
        producer.send([record(topic, 'k', 'beside', 0), large]),
        producer.send([record(topic, 'k', 'after', 0)]),
      ];
      const [before, beside, after] = await Promise.allSettled(sends);
      expect([before?.status, after?.status]).toEqual(['fulfilled', 'fulfilled']);
      expect(beside).toMatchObject({ reason: { code: 'message-too-large', retryable: false } });
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('2 records', () => member.received.length === 2);
      expect(valuesOf(member.received)).toEqual(['before', 'after']);
      const ends = await transport.topics.endOffsets([topic], 0, 'read-committed');
      expect(ends.get(topic)).toBe(2n);
    });

    it('names a topic or a partition that does not exist, and harms no other send', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      const missing = world().name('missing');
      const [good, lost, far] = await Promise.allSettled([
        producer.send([record(topic, 'k')]),
        producer.send([record(missing, 'k'), record(topic, 'never')]),
        producer.send([record(topic, 'k', 'far', 7)]),
      ]);
      expect(good?.status).toBe('fulfilled');
      expect(lost).toMatchObject({ reason: { code: 'topic-missing' } });
      expect(String(lost?.status === 'rejected' && lost.reason)).toContain(missing);
      expect(far).toMatchObject({ reason: { code: 'topic-missing' } });
      const ends = await transport.topics.endOffsets([topic], 0, 'read-committed');
      expect(ends.get(topic)).toBe(1n);
    });

    it('finds a topic that was made after it was missed', async () => {
      const transport = world().open();
      const producer = transport.createProducer();
      const topic = world().name('late');
      expect(await failureOf(producer.send([record(topic, 'k')]))).toMatchObject({
        code: 'topic-missing',
      });
      await transport.topics.create([{ topic, partitions: 1, cleanup: 'delete' }]);
      await producer.send([record(topic, 'k')]);
    });

    it('close waits for pending sends, and refuses later ones', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      const sent = producer.send([record(topic, 'k')]);
      await Promise.all([producer.close(), producer.close()]);
      await sent;
      expect(await failureOf(producer.send([record(topic, 'k')]))).toMatchObject({
        code: 'stopped',
      });
    });
  });
}

function sentValues(records: readonly { readonly value: Uint8Array | null }[]): string[] {
  return records.map(({ value }) => Buffer.from(value ?? []).toString());
}
