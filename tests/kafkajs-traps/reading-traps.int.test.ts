// What a kafkajs consumer does with transactions, topics and offsets, and what this driver does there.
import type { Claim, IncomingRecord, Transport } from '@troupe/core';
import { uniqueName } from '@troupe/infra/test-servers';
import { apiKeys } from '@troupe/testing/kafka-proxy';
import type { Consumer, ConsumerConfig, ConsumerRunConfig } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, outcomeOf, record, TrapWorld, textOf } from './trap-world.ts';

let world: TrapWorld;
beforeEach(() => {
  world = new TrapWorld();
});
afterEach(() => world.close());

/** A bare consumer that reads `topics`, and what the group gave to it at its last join. */
async function bareMember(
  topics: readonly string[],
  config: ConsumerConfig,
  run: ConsumerRunConfig = {},
) {
  const { kafka, proxy } = world.bare();
  const consumer: Consumer = kafka.consumer({ maxWaitTimeInMs: 100, ...config });
  const values: string[] = [];
  const member = { consumer, proxy, values, assigned: {} as Record<string, number[]>, joins: 0 };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    member.assigned = payload.memberAssignment;
    member.joins += 1;
  });
  await consumer.connect();
  world.atEnd(() => consumer.disconnect());
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      values.push(textOf(message.value));
    },
    ...run,
  });
  await eventually(() => member.joins > 0);
  return member;
}

async function ourMember(
  transport: Transport,
  topics: readonly string[],
  groupId: string,
  onRecords: (records: readonly IncomingRecord[], claim: Claim) => void = () => undefined,
) {
  const member = { values: [] as string[], crashes: [] as Error[] };
  const consumer = await transport.subscribe({
    groupId,
    topics,
    broadcast: [],
    isolation: 'read-committed',
    sessionTimeoutMs: 2_000,
    onAssigned: (claim) => ({
      onRecords: (records) => {
        member.values.push(...records.map(({ value }) => textOf(value)));
        onRecords(records, claim);
      },
      onRevoked: async () => undefined,
    }),
    onBroadcast: () => undefined,
    onCrash: (error) => member.crashes.push(error),
  });
  return { ...member, consumer };
}

describe('transactions overlap, and are aborted', () => {
  async function topicOfAborted(): Promise<string> {
    const topic = await world.topic();
    const begun = [];
    for (const name of ['first', 'second']) {
      const producer = world.bare().kafka.producer({
        transactionalId: uniqueName(name),
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      world.atEnd(() => producer.disconnect());
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: name }] });
      begun.push(transaction);
    }
    const { transport } = world.ours();
    const end = async () =>
      (await transport.topics.endOffsets([topic], 0, 'read-uncommitted')).get(topic) ?? 0n;
    // The one that began first ends last. An abort is answered before its marker is written, so that is awaited.
    for (const transaction of begun.reverse()) {
      const before = await end();
      await transaction.abort();
      await eventually(async () => (await end()) > before);
    }
    await transport.createProducer().send([record(topic, 'plain')]);
    return topic;
  }

  it('kafkajs: a reader of what was committed is given what was not', async () => {
    const member = await bareMember([await topicOfAborted()], { groupId: uniqueName('bare') });
    await eventually(() => member.values.includes('plain'));
    expect(member.values).toContain('first');
  });

  it('here: nothing of them is seen', async () => {
    const values = (await world.read(await topicOfAborted())).map(({ value }) => value);
    expect(values).toEqual(['plain']);
  });
});

describe('a member lacks one of the topics', () => {
  it('kafkajs: the topics of the leader are assigned, and nobody reads the other one', async () => {
    const [known, added] = [await world.topic(2), await world.topic(2)];
    const config = { groupId: uniqueName('bare'), rebalanceTimeout: 5_000, heartbeatInterval: 200 };
    const leader = await bareMember([known], config);
    const other = await bareMember([known, added], config);
    await eventually(() => leader.joins > 1);
    const assigned = [leader, other].flatMap((member) => Object.keys(member.assigned));
    expect(assigned).toContain(known);
    expect(assigned).not.toContain(added);
  });

  it('here: the member that has both reads both', async () => {
    const [known, added] = [await world.topic(2), await world.topic(2)];
    const groupId = uniqueName('ours');
    const { transport } = world.ours();
    await ourMember(transport, [known], groupId);
    const other = await ourMember(world.ours().transport, [known, added], groupId);
    await eventually(() => other.consumer.partitions.length === 2);
    await transport.createProducer().send([record(known, 'a'), record(added, 'b', 1)]);
    await eventually(() => other.values.length === 2);
  });
});

describe('a topic is added later', () => {
  it('kafkajs: a consumer that runs takes no other topics', async () => {
    const [topic, added] = [await world.topic(), await world.topic()];
    const { consumer } = await bareMember([topic], { groupId: uniqueName('bare') });
    expect(await outcomeOf(consumer.subscribe({ topics: [added] }))).toBeInstanceOf(Error);
  });

  it('here: also one that did not exist when the member joined', async () => {
    const topic = await world.topic();
    const { transport } = world.ours();
    const member = await ourMember(transport, [topic], uniqueName('ours'));
    const added = await world.topic();
    await member.consumer.changeTopics([topic, added]);
    await transport.createProducer().send([record(topic, 'a'), record(added, 'b')]);
    await eventually(() => member.values.length === 2);
  });
});

describe('an offset is out of range', () => {
  /** A topic of ten records of which five were deleted, and a group that has read two of them. */
  async function lostRecords(): Promise<{ readonly topic: string; readonly groupId: string }> {
    const topic = await world.topic();
    const groupId = uniqueName('behind');
    const records = Array.from({ length: 10 }, (_, at) => record(topic, `${at}`));
    await world.ours().transport.createProducer().send(records);
    const admin = world.bare().kafka.admin();
    await admin.connect();
    world.atEnd(() => admin.disconnect());
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '2' }] });
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] });
    return { topic, groupId };
  }

  it('kafkajs: goes on somewhere else, and nobody hears of it', async () => {
    const { topic, groupId } = await lostRecords();
    const member = await bareMember([topic], { groupId });
    const crashes: unknown[] = [];
    member.consumer.on(member.consumer.events.CRASH, (event) => crashes.push(event));
    await eventually(() => member.values.includes('9'));
    expect(member.values).toEqual(['5', '6', '7', '8', '9']);
    expect(crashes).toEqual([]);
  });

  it('I7, here: is reported by name, and nothing is read on', async () => {
    const { topic, groupId } = await lostRecords();
    const member = await ourMember(world.ours().transport, [topic], groupId);
    await eventually(() => member.crashes.length === 1);
    expect(member.crashes[0]).toMatchObject({
      code: 'offset-out-of-range',
      details: { topic, partition: 0, offset: 2n },
    });
    expect(member.values).toEqual([]);
    expect(member.consumer.healthy).toBe(false);
  });
});

describe('a commit of offsets is not answered for a while', () => {
  it('kafkajs: eachMessage waits for it before anything else is fetched', async () => {
    const topic = await world.topic();
    const member = await bareMember([topic], { groupId: uniqueName('bare') });
    const producer = world.ours().transport.createProducer();
    const answer = member.proxy.holdAnswers(apiKeys.offsetCommit);
    await producer.send([record(topic, 'first')]);
    await eventually(() => member.proxy.seen(apiKeys.offsetCommit).length > 0);
    const fetches = member.proxy.seen(apiKeys.fetch).length;
    await producer.send([record(topic, 'second')]);
    // Long enough for another reader to find it.
    await world.read(topic);
    expect(member.proxy.seen(apiKeys.fetch).length).toBe(fetches);
    expect(member.values).toEqual(['first']);
    answer();
    await eventually(() => member.values.includes('second'));
  });

  it('here: records flow on', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours();
    const producer = transport.createProducer();
    const member = await ourMember(transport, [topic], uniqueName('ours'), ([first], claim) => {
      claim.markDone(topic, (first?.offset ?? 0n) + 1n);
    });
    const answer = proxy.holdAnswers(apiKeys.offsetCommit);
    await producer.send([record(topic, 'first')]);
    await eventually(() => proxy.seen(apiKeys.offsetCommit).length > 0);
    for (let at = 0; at < 5; at += 1) {
      await producer.send([record(topic, `${at}`)]);
      await eventually(() => member.values.includes(`${at}`));
    }
    expect(proxy.seen(apiKeys.offsetCommit).length).toBe(1);
    answer();
  });
});

describe('a handler is slower than the session time-out', () => {
  const sessionTimeout = 1_500;

  it('kafkajs: the group gives the member up while it is at work', async () => {
    const topic = await world.topic();
    const groupId = uniqueName('bare');
    const admin = world.bare().kafka.admin();
    await admin.connect();
    world.atEnd(() => admin.disconnect());
    const { promise: worked, resolve: end } = Promise.withResolvers<void>();
    const config = { groupId, sessionTimeout, heartbeatInterval: 300 };
    await bareMember([topic], config, { eachMessage: () => worked });
    await world
      .ours()
      .transport.createProducer()
      .send([record(topic, 'slow')]);
    await eventually(async () => {
      const { groups } = await admin.describeGroups([groupId]);
      return groups[0]?.state === 'Empty';
    });
    end();
  });
});

describe('a connection is half open', () => {
  it('here: reading goes on over others, and the member is in its group again', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours({ questionTimeoutMs: 1_000 });
    const producer = world.ours().transport.createProducer();
    const member = await ourMember(transport, [topic], uniqueName('ours'), ([first], claim) => {
      claim.markDone(topic, (first?.offset ?? 0n) + 1n);
    });
    await producer.send([record(topic, 'before')]);
    await eventually(() => member.values.includes('before'));
    await eventually(() => proxy.seen(apiKeys.offsetCommit).length > 0);
    proxy.halfOpen();
    await producer.send([record(topic, 'after')]);
    await eventually(() => member.values.includes('after'));
    await eventually(() => member.consumer.healthy);
    expect(member.crashes).toEqual([]);
  });
});
