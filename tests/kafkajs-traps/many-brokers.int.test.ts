// A send to several brokers of which one is late, or not the leader any more.
import { setTimeout as pause } from 'node:timers/promises';
import { type KafkaCluster, startKafka } from '@troupe/infra';
import { uniqueName } from '@troupe/infra/test-servers';
import { apiKeys, type KafkaProxy } from '@troupe/testing/kafka-proxy';
import type { Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, outcomeOf, record, TrapWorld, textOf } from './trap-world.ts';

let cluster: KafkaCluster;
let world: TrapWorld;
let admin: Admin;
beforeAll(async () => {
  cluster = await startKafka({ brokers: 3 });
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  // The first is who is asked where partitions are, and has none of them.
  world = new TrapWorld(cluster.bootstrapServers.split(',').slice(0, 1));
  admin = world.bare().kafka.admin();
  await admin.connect();
  world.atEnd(() => admin.disconnect());
});
afterEach(() => world.close());

/** A topic of two partitions, each on one broker alone, and the ports of those. */
async function spreadTopic(config: Readonly<Record<string, string>> = {}) {
  const topic = uniqueName('spread');
  const { brokers } = await admin.describeCluster();
  const [late, other] = brokers.filter(({ port }) => port !== cluster.brokers[0]?.port);
  if (late === undefined || other === undefined) throw new Error('too few brokers');
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        configEntries: Object.entries({ 'min.insync.replicas': '1', ...config }).map(
          ([name, value]) => ({ name, value }),
        ),
        replicaAssignment: [late, other].map(({ nodeId }, partition) => ({
          partition,
          replicas: [nodeId],
        })),
      },
    ],
  });
  return { topic, late, other };
}

async function bareProducer() {
  const { kafka, proxy } = world.bare();
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    retry: { initialRetryTime: 50, retries: 10 },
  });
  await producer.connect();
  world.atEnd(() => producer.disconnect());
  return { producer, proxy };
}

const values = async (topic: string) => (await world.read(topic)).map(({ value }) => value).sort();

const roundsMax = 30;
/** kafkajs tries again after 50 ms, if it need not ask the late broker where the partitions are. */
const lateMs = 700;

/** One broker's answer comes late, and the other one's not at all, at the first attempt. */
async function whileOneIsLate(
  proxy: KafkaProxy,
  { late, other }: { readonly late: number; readonly other: number },
  send: () => Promise<unknown>,
): Promise<unknown> {
  const answer = proxy.holdAnswers(apiKeys.produce, { times: 1, port: late });
  proxy.lose(apiKeys.produce, { times: 1, port: other });
  const sent = outcomeOf(send());
  await pause(lateMs);
  answer();
  return sent;
}

describe('a broker is late with its answer while another one fails', () => {
  it('kafkajs: what the late one has acknowledged is written twice', async () => {
    const { topic, late, other } = await spreadTopic();
    const { producer, proxy } = await bareProducer();
    const messages = [0, 1].map((partition) => ({ partition, value: `${partition}` }));
    await producer.send({ topic, messages });
    const { topics } = world.ours().transport;
    const written = async () =>
      Number((await topics.endOffsets([topic], 0, 'read-committed')).get(topic));
    let sends = 1;
    // Half of the time kafkajs asks the late broker where the partitions are, and has to wait.
    while ((await written()) === sends && sends < roundsMax) {
      const ports = { late: late.port, other: other.port };
      const outcome = await whileOneIsLate(proxy, ports, () => producer.send({ topic, messages }));
      expect(outcome).not.toBeInstanceOf(Error);
      sends += 1;
    }
    expect(await written()).toBe(sends + 1);
  });

  it.each(['plain', 'transactional'])('here: a %s producer writes all of it once', async (kind) => {
    const { topic, late, other } = await spreadTopic();
    const { transport, proxy } = world.ours();
    const plain = transport.createProducer();
    const transactional = await transport.openTransactionalProducer(uniqueName('many'));
    const send = (name: string) => {
      const records = [0, 1].map((partition) => record(topic, `${name}-${partition}`, partition));
      return kind === 'plain' ? plain.send(records) : transactional.commit(records);
    };
    await send('0');
    for (let round = 1; round <= 5; round += 1) {
      const ports = { late: late.port, other: other.port };
      const outcome = await whileOneIsLate(proxy, ports, () => send(`${round}`));
      expect(outcome).toBeUndefined();
    }
    const expected = [0, 1, 2, 3, 4, 5].flatMap((round) => [`${round}-0`, `${round}-1`]);
    expect(await values(topic)).toEqual(expected);
  });
});

describe('a broker refuses a record while the answer of another one is lost', () => {
  it('here: what the other one has written is written once, and its send fails', async () => {
    const narrow = await spreadTopic({ 'max.message.bytes': '1000' });
    const { topic, other } = await spreadTopic();
    const { transport, proxy } = world.ours();
    const producer = transport.createProducer();
    const tooLarge = { ...record(narrow.topic, 'large', 0), value: Buffer.alloc(5_000) };
    await producer.send([record(narrow.topic, 'first', 0), record(topic, 'first', 1)]);
    proxy.lose(apiKeys.produce, { port: other.port });
    // They travel together.
    const [refused, inDoubt] = await Promise.all([
      outcomeOf(producer.send([tooLarge])),
      outcomeOf(producer.send([record(topic, 'small', 1)])),
    ]);
    expect(await values(topic)).toEqual(['first', 'small']);
    expect(inDoubt).toMatchObject({ code: 'transport-unavailable' });
    expect(refused).toBeInstanceOf(Error);
  });
});

describe('a partition has moved to a broker that has answered', () => {
  async function move(topic: string, partition: number, to: number): Promise<void> {
    await admin.alterPartitionReassignments({
      topics: [{ topic, partitionAssignment: [{ partition, replicas: [to] }] }],
    });
    await eventually(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.find((one) => one.partitionId === partition)?.leader === to;
    });
  }

  it('kafkajs: its records are sent to nobody, and acknowledged', async () => {
    const { topic, late } = await spreadTopic();
    const { producer } = await bareProducer();
    const send = (name: string) =>
      producer.send({
        topic,
        messages: [0, 1].map((partition) => ({ partition, value: `${name}-${partition}` })),
      });
    await send('first');
    await move(topic, 1, late.nodeId);
    expect(await outcomeOf(send('second'))).not.toBeInstanceOf(Error);
    expect(await values(topic)).toEqual(['first-0', 'first-1', 'second-0']);
  });

  it('I1, here: what was acknowledged is there', async () => {
    const { topic, late } = await spreadTopic();
    const { transport } = world.ours();
    const producer = transport.createProducer();
    const records = (name: string) =>
      [0, 1].map((partition) => record(topic, `${name}-${partition}`, partition));
    await producer.send(records('first'));
    await move(topic, 1, late.nodeId);
    expect(await outcomeOf(producer.send(records('second')))).toMatchObject({
      code: 'transport-unavailable',
      retryable: true,
    });
    await producer.send(records('third'));
    expect(await values(topic)).toEqual(
      expect.arrayContaining(['first-0', 'first-1', 'third-0', 'third-1']),
    );
  });

  it('here: who reads it reads on there, keeps what it holds, and misses and repeats nothing', async () => {
    const { topic, late } = await spreadTopic();
    const { transport } = world.ours();
    const story: string[] = [];
    const consumer = await transport.subscribe({
      groupId: uniqueName('reader'),
      topics: [topic],
      broadcast: [],
      isolation: 'read-committed',
      sessionTimeoutMs: 30_000,
      onAssigned: (claim) => {
        story.push(`assigned ${claim.partition}`);
        return {
          onRecords: (records) => story.push(...records.map(({ value }) => textOf(value))),
          onRevoked: async () => void story.push(`revoked ${claim.partition}`),
        };
      },
      onBroadcast: () => undefined,
      onCrash: (error) => story.push(String(error)),
    });
    const producer = world.ours().transport.createProducer();
    await producer.send([record(topic, 'before', 1)]);
    await eventually(() => story.includes('before'));
    await move(topic, 1, late.nodeId);
    let sends = 0;
    const last = () => `after ${sends}`;
    await eventually(async () => {
      sends += 1;
      return !((await outcomeOf(producer.send([record(topic, last(), 1)]))) instanceof Error);
    });
    await eventually(() => story.includes(last()));
    expect(consumer.partitions).toEqual([0, 1]);
    const unheard = story.filter((told) => told.startsWith('after') && told !== last());
    const rest = story.filter((told) => !unheard.includes(told));
    expect(rest).toEqual(['assigned 0', 'assigned 1', 'before', last()]);
  });
});
