import { describe, expect, it } from 'vitest';
import { type ContractWorld, failureOf, record, recordsOf, valuesOf } from './contract-world.ts';
import { eventually } from './eventually.ts';

export function groupContract(world: () => ContractWorld): void {
  describe('groups', () => {
    it('each record goes to one member of a group, and to every group', async () => {
      const [one, two] = [world().open(), world().open()];
      const topics = await world().topics(one, 4, 2);
      const [shared, other] = [world().name('g'), world().name('g')];
      const members = [
        await world().join(one, { groupId: shared, topics, marksDone: true }),
        await world().join(two, { groupId: shared, topics, marksDone: true }),
      ];
      const alone = await world().join(two, { groupId: other, topics });
      await eventually('both have partitions', () =>
        members.every(({ consumer }) => consumer.partitions.length === 2),
      );
      const keys = Array.from({ length: 40 }, (_, at) => `key-${at}`);
      await one
        .createProducer()
        .send(topics.flatMap((topic) => keys.map((key) => record(topic, key))));
      await eventually('everything was read', () => {
        const read = members.reduce((sum, { received }) => sum + received.length, 0);
        return read === 80 && alone.received.length === 80;
      });
      const places = members.flatMap(({ received }) => received.map((each) => placeOf(each)));
      expect(new Set(places).size).toBe(80);
    });

    it('a partition number of all topics is with one member', async () => {
      const [one, two] = [world().open(), world().open()];
      const topics = await world().topics(one, 4, 2);
      const groupId = world().name('g');
      const members = [
        await world().join(one, { groupId, topics }),
        await world().join(two, { groupId, topics }),
      ];
      await eventually('both have two', () =>
        members.every(({ consumer }) => consumer.partitions.length === 2),
      );
      const held = members.flatMap(({ consumer }) => consumer.partitions);
      expect([...held].sort()).toEqual([0, 1, 2, 3]);
      for (const topic of topics) {
        for (const partition of [0, 1, 2, 3]) {
          await one.createProducer().send([record(topic, 'k', 'v', partition)]);
        }
      }
      await eventually('8 records', () => members.flatMap((each) => each.received).length >= 8);
      for (const { received, consumer } of members) {
        for (const { partition } of received) expect(consumer.partitions).toContain(partition);
      }
    });

    it('only a member that has all topics of the group is assigned any', async () => {
      const [old, young] = [world().open(), world().open()];
      const [first, second] = await world().topics(old, 2, 2);
      const groupId = world().name('g');
      const lacking = await world().join(old, { groupId, topics: [first] });
      expect(lacking.consumer.partitions).toEqual([0, 1]);
      const whole = await world().join(young, { groupId, topics: [first, second] });
      await eventually('the newer one has all', () => whole.consumer.partitions.length === 2);
      await eventually('the older one has none', () => lacking.consumer.partitions.length === 0);
      await whole.consumer.close();
      await eventually('the older one has all again', () => {
        return lacking.consumer.partitions.length === 2;
      });
    });

    it('has called onAssigned for what it holds when the group was joined, and is healthy', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 3, 1);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      expect(member.consumer.partitions).toEqual([0, 1, 2]);
      expect([...member.claims.keys()].sort()).toEqual([0, 1, 2]);
      expect(member.consumer.healthy).toBe(true);
      await member.consumer.close();
      expect(member.consumer.healthy).toBe(false);
    });

    it('a new group reads from the first record that there is', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      await transport.createProducer().send(recordsOf(topic, 5));
      await world().fixture.deleteBefore(topic, 0, 2n);
      const member = await world().join(transport, { groupId: world().name('g'), topics: [topic] });
      await eventually('3 records', () => member.received.length === 3);
      expect(member.received[0]?.offset).toBe(2n);
    });

    it('changeTopics reads the added topic too, and goes on where the others were', async () => {
      const transport = world().open();
      const [first, second] = await world().topics(transport, 2, 2);
      const producer = transport.createProducer();
      const groupId = world().name('g');
      const member = await world().join(transport, { groupId, topics: [first], marksDone: true });
      await producer.send([record(first, 'k', 'a', 0), record(second, 'k', 'b', 0)]);
      await eventually('1 record', () => member.received.length === 1);
      await member.consumer.changeTopics([first, second]);
      expect(member.consumer.partitions).toEqual([0, 1]);
      await producer.send([record(first, 'k', 'c', 1)]);
      await eventually('3 records', () => member.received.length === 3);
      expect(member.from(first)).toHaveLength(2);
      expect(member.from(second)).toHaveLength(1);
    });

    it('changeTopics reads a topic that did not exist when the group was joined', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 2, 1);
      const groupId = world().name('g');
      const member = await world().join(transport, { groupId, topics: [topic], marksDone: true });
      const [added] = await world().topics(transport, 2, 1);
      const producer = transport.createProducer();
      await producer.send([record(added, 'k', 'early', 1), record(topic, 'k', 'a', 1)]);
      await member.consumer.changeTopics([topic, added]);
      await producer.send([record(added, 'k', 'late', 1)]);
      await eventually('3 records', () => member.received.length === 3);
      expect(valuesOf(member.from(added))).toEqual(['early', 'late']);
    });

    it('names the topics that do not exist', async () => {
      const transport = world().open();
      const [topic] = await world().topics(transport, 1, 1);
      const missing = world().name('missing');
      const groupId = world().name('g');
      for (const topics of [
        { topics: [topic, missing] },
        { topics: [topic], broadcast: [missing] },
      ]) {
        const error = await failureOf(world().join(transport, { groupId, ...topics }));
        expect(error).toMatchObject({ code: 'topic-missing' });
        expect(String(error)).toContain(missing);
      }
      const member = await world().join(transport, { groupId, topics: [topic] });
      const error = await failureOf(member.consumer.changeTopics([topic, missing]));
      expect(error).toMatchObject({ code: 'topic-missing' });
      expect(member.consumer.partitions).toEqual([0]);
    });

    it('names topics of different partition counts', async () => {
      const transport = world().open();
      const [narrow] = await world().topics(transport, 2, 1);
      const [wide] = await world().topics(transport, 3, 1);
      const groupId = world().name('g');
      const error = await failureOf(world().join(transport, { groupId, topics: [narrow, wide] }));
      expect(error).toMatchObject({ code: 'partition-count-mismatch' });
      expect(String(error)).toContain(`${narrow} has 2`);
      expect(String(error)).toContain(`${wide} has 3`);
    });
  });
}

function placeOf({
  topic,
  partition,
  offset,
}: {
  topic: string;
  partition: number;
  offset: bigint;
}): string {
  return `${topic}/${partition}/${offset}`;
}
