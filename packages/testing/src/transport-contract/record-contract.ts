import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { type ContractWorld, record, textOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function recordContract(world: () => ContractWorld): void {
  describe('records', () => {
    it('key, value and headers come back byte by byte', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const value = Buffer.from([0, 255, 128, 10]);
      await transport.createProducer().send([
        {
          topic,
          key: 'ключ',
          value,
          headers: { text: 'grüße', bytes: new Uint8Array([0, 200, 255]), empty: '' },
        },
      ]);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('a record', () => member.received.length === 1);
      const [received] = member.received;
      expect(received).toMatchObject({ topic, partition: 0, offset: 0n });
      expect(textOf(received?.key)).toBe('ключ');
      expect(Buffer.from(received?.value ?? []).equals(value)).toBe(true);
      expect(Object.keys(received?.headers ?? {}).sort()).toEqual(['bytes', 'empty', 'text']);
      expect(textOf(received?.headers['text'])).toBe('grüße');
      expect([...(received?.headers['bytes'] ?? [])]).toEqual([0, 200, 255]);
      expect(received?.headers['empty']?.length).toBe(0);
    });

    it('a tombstone is null, and an empty value is not', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      await transport.createProducer().send([record(topic, 'k', null), record(topic, 'k', '')]);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('2 records', () => member.received.length === 2);
      expect(member.received.map(({ value }) => value?.length ?? null)).toEqual([null, 0]);
    });

    it('what a foreign client wrote comes as it is: no key, any bytes, the last of equal headers', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const garbage = Buffer.from([0xff, 0xfe, 0x00]);
      await world().fixture.appendForeign(topic, 0, {
        key: null,
        value: garbage,
        headers: [
          ['twice', Buffer.from('first')],
          ['twice', Buffer.from('last')],
          ['garbage', garbage],
        ],
      });
      await world().fixture.appendForeign(topic, 0, { key: garbage, value: null, headers: [] });
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('2 records', () => member.received.length === 2);
      const [first, second] = member.received;
      expect(first?.key).toBeNull();
      expect([...(first?.value ?? [])]).toEqual([...garbage]);
      expect(textOf(first?.headers['twice'])).toBe('last');
      expect([...(first?.headers['garbage'] ?? [])]).toEqual([...garbage]);
      expect([...(second?.key ?? [])]).toEqual([...garbage]);
      expect(second?.value).toBeNull();
    });

    it('the timestamp is when the broker appended the record, whatever its producer says', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const producer = transport.createProducer();
      const beforeMs = Date.now();
      await producer.send([record(topic, 'k', 'early')]);
      const foreign = { key: null, value: null, headers: [], timestampMs: 1 };
      await world().fixture.appendForeign(topic, 0, foreign);
      const betweenMs = Date.now();
      await eventually('time to pass', () => Date.now() > betweenMs + 20);
      await producer.send([record(topic, 'k', 'late')]);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('3 records', () => member.received.length === 3);
      const [early, dated, late] = member.received.map(({ timestampMs }) => timestampMs);
      expect(early).toBeGreaterThanOrEqual(beforeMs);
      expect(dated).toBeGreaterThanOrEqual(early ?? Number.POSITIVE_INFINITY);
      expect(dated).toBeLessThanOrEqual(betweenMs);
      expect(late).toBeGreaterThan(betweenMs);
    });
  });
}
