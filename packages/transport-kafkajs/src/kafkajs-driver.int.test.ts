// What the contract cannot see: requests on the wire, and how this driver gets over its client's and its broker's faults.
import type { Claim, Consumer, IncomingRecord, Transport } from '@troupe/core';
import { type KafkaBroker, type KafkaCluster, startKafka } from '@troupe/infra';
import { apiKeys, KafkaProxy } from '@troupe/testing/kafka-proxy';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKafkajsTransport } from './create-kafkajs-transport.ts';
import type { KafkajsLimits } from './kafkajs-limits.ts';

let cluster: KafkaCluster;
let broker: KafkaBroker;
let names = 0;
const opened: Transport[] = [];
const proxies: KafkaProxy[] = [];

beforeAll(async () => {
  cluster = await startKafka();
  const [first] = cluster.brokers;
  if (first === undefined) throw new Error('a cluster without a broker');
  broker = first;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close()));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});
afterAll(() => cluster.stop());

function open(limits: Partial<KafkajsLimits> = {}) {
  const proxy = new KafkaProxy();
  proxies.push(proxy);
  const transport = createKafkajsTransport({
    brokers: [cluster.bootstrapServers],
    clientId: 'driver',
    socketFactory: proxy.socketFactory,
    limits,
  });
  opened.push(transport);
  return { transport, proxy };
}

async function newTopic(transport: Transport, partitions = 1): Promise<string> {
  names += 1;
  const topic = `driver-${names}`;
  await transport.topics.create([{ topic, partitions, cleanup: 'delete' }]);
  return topic;
}

async function setTimestampType(topic: string, value: string): Promise<void> {
  const brokers = [cluster.bootstrapServers];
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const configEntries = [{ name: 'message.timestamp.type', value }];
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
}

const record = (topic: string, value: string, partition = 0) => ({
  topic,
  key: value,
  value: Buffer.from(value),
  headers: {},
  partition,
});

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 40_000 });

interface Member {
  readonly consumer: Consumer;
  readonly story: string[];
  readonly values: string[];
  readonly claims: Claim[];
}

async function join(
  transport: Transport,
  groupId: string,
  topics: readonly string[],
  more: {
    readonly sessionTimeoutMs?: number;
    readonly onRevoked?: (claim: Claim) => Promise<void>;
    readonly onCrash?: (error: Error) => void;
    readonly onRecords?: (records: readonly IncomingRecord[]) => void;
  } = {},
): Promise<Member> {
  const story: string[] = [];
  const values: string[] = [];
  const claims: Claim[] = [];
  const consumer = await transport.subscribe({
    groupId,
    topics,
    broadcast: [],
    isolation: 'read-committed',
    sessionTimeoutMs: more.sessionTimeoutMs ?? 6_000,
    onAssigned: (claim) => {
      story.push(`assigned ${claim.partition}`);
      claims.push(claim);
      return {
        onRecords: (records) => {
          for (const { value } of records) values.push(Buffer.from(value ?? []).toString());
          more.onRecords?.(records);
        },
        onRevoked: async () => {
          story.push(`revoked ${claim.partition}`);
          await more.onRevoked?.(claim);
        },
      };
    },
    onBroadcast: () => undefined,
    onCrash: (error) => more.onCrash?.(error),
  });
  return { consumer, story, values, claims };
}

async function endOf(transport: Transport, topic: string): Promise<bigint | undefined> {
  return (await transport.topics.endOffsets([topic], 0, 'read-uncommitted')).get(topic);
}

describe('what is sent', () => {
  it('a thousand sends of one tick are one request', async () => {
    const { transport, proxy } = open();
    const topic = await newTopic(transport, 4);
    const producer = transport.createProducer();
    await producer.send([record(topic, 'first')]);
    const before = proxy.seen(apiKeys.produce).length;
    const sends = Array.from({ length: 1_000 }, (_, at) =>
      producer.send([record(topic, `${at}`, at % 4)]),
    );
    await Promise.all(sends);
    expect(proxy.seen(apiKeys.produce).length - before).toBe(1);
  });

  it('is split by bytes into as few requests as hold it', async () => {
    const { transport, proxy } = open({ requestBytesMax: 100_000 });
    const topic = await newTopic(transport);
    const sends = Array.from({ length: 1_000 }, () => record(topic, 'x'.repeat(1_000)));
    await transport.createProducer().send(sends);
    const requests = proxy.seen(apiKeys.produce);
    // Key and value have a thousand bytes each.
    expect(requests.length).toBeGreaterThanOrEqual(20);
    expect(requests.length).toBeLessThanOrEqual(22);
    for (const { bytes } of requests) expect(bytes).toBeLessThan(101_000);
    expect(await endOf(transport, topic)).toBe(1_000n);
  });
});

describe('what is read', () => {
  it('a reader that ends its work for longer than the session keeps it, and what it does counts', async () => {
    const [one, two] = [open().transport, open().transport];
    const topic = await newTopic(one, 2);
    await one.createProducer().send([record(topic, 'a', 0), record(topic, 'b', 1)]);
    const sessionTimeoutMs = 2_000;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const slow = await join(one, 'slow', [topic], {
      sessionTimeoutMs,
      onRevoked: async (claim) => {
        await ended;
        claim.markDone(topic, 1n);
      },
    });
    await eventually(() => expect(slow.values).toHaveLength(2));
    const startedMs = performance.now();
    const heir = await join(two, 'slow', [topic], { sessionTimeoutMs });
    await eventually(() => expect(slow.story).toContain('revoked 1'));
    await eventually(() => expect(performance.now() - startedMs).toBeGreaterThan(6_000));
    expect(slow.claims.map(({ lost }) => lost.aborted)).toEqual([false, false]);
    expect(heir.consumer.partitions).toEqual([]);
    end();
    await eventually(() => expect(heir.consumer.partitions).toEqual([1]));
    await one.createProducer().send([record(topic, 'c', 1)]);
    await eventually(() => expect(heir.values).toEqual(['c']));
  });

  it('a broker that was away for less than the session finds the claims as they were', async () => {
    const { transport } = open();
    const topic = await newTopic(transport);
    const member = await join(transport, 'patient', [topic], { sessionTimeoutMs: 30_000 });
    const producer = transport.createProducer();
    await producer.send([record(topic, 'before')]);
    await eventually(() => expect(member.values).toEqual(['before']));
    await broker.kill();
    await broker.restart();
    await eventually(() => producer.send([record(topic, 'after')]));
    await eventually(() => expect(member.values).toContain('after'));
    await eventually(() => expect(member.consumer.healthy).toBe(true));
    expect(member.story).toEqual(['assigned 0']);
    expect(member.values.filter((value) => value === 'before')).toHaveLength(1);
  });

  it('a change of topics while a lost consumer waits to be made anew makes one, and not a second one', async () => {
    const restartFirstDelayMs = 15_000;
    const { transport, proxy } = open({ restartFirstDelayMs });
    const [topic, other] = [await newTopic(transport), await newTopic(transport)];
    const member = await join(transport, 'changing', [topic], { sessionTimeoutMs: 2_000 });
    await broker.kill();
    await eventually(() => expect(member.consumer.healthy).toBe(false));
    const lostMs = performance.now();
    await broker.restart();
    await eventually(() => member.consumer.changeTopics([topic, other]));
    const joins = proxy.seen(apiKeys.joinGroup).length;
    await eventually(() => {
      expect(performance.now() - lostMs).toBeGreaterThan(restartFirstDelayMs + 3_000);
    });
    expect(proxy.seen(apiKeys.joinGroup)).toHaveLength(joins);
    await transport.createProducer().send([record(other, 'once')]);
    await eventually(() => expect(member.values).toEqual(['once']));
    expect(member.story.at(-1)).toBe('assigned 0');
  });

  it('a broker that is frozen for a while loses and doubles nothing', async () => {
    const { transport } = open();
    const topic = await newTopic(transport);
    const member = await join(transport, 'frozen', [topic], { sessionTimeoutMs: 30_000 });
    const producer = transport.createProducer();
    await broker.pause();
    const sent = producer.send([record(topic, 'meanwhile')]);
    const pausedMs = performance.now();
    await eventually(() => expect(performance.now() - pausedMs).toBeGreaterThan(1_500));
    await broker.resume();
    await sent;
    await eventually(() => expect(member.values).toEqual(['meanwhile']));
    expect(member.story).toEqual(['assigned 0']);
  });

  it('a broker that is frozen for longer than the session is joined again', async () => {
    const { transport } = open();
    const topic = await newTopic(transport);
    const member = await join(transport, 'frozen for long', [topic], { sessionTimeoutMs: 2_000 });
    await broker.pause();
    await eventually(() => expect(member.story).toContain('revoked 0'));
    await broker.resume();
    await eventually(() => expect(member.consumer.healthy).toBe(true));
    await transport.createProducer().send([record(topic, 'after')]);
    await eventually(() => expect(member.values).toEqual(['after']));
  });

  it('says by whose clock a record is', async () => {
    const { transport } = open();
    const [byBroker, byProducers] = [await newTopic(transport), await newTopic(transport)];
    await setTimestampType(byProducers, 'CreateTime');
    const seen: (readonly [topic: string, byProducersClock: boolean])[] = [];
    await join(transport, 'clocks', [byBroker, byProducers], {
      onRecords: (records) =>
        seen.push(...records.map((one) => [one.topic, one.byProducersClock ?? false] as const)),
    });
    await transport.createProducer().send([record(byBroker, 'a'), record(byProducers, 'a')]);
    await eventually(() => expect(seen).toHaveLength(2));
    expect(Object.fromEntries(seen)).toEqual({ [byBroker]: false, [byProducers]: true });
  });

  it('a reader that throws stops its consumer, which says so', async () => {
    const { transport } = open();
    const topic = await newTopic(transport);
    const crashes: Error[] = [];
    const fault = new Error('a fault of the program');
    const member = await join(transport, 'throwing', [topic], {
      onCrash: (error) => crashes.push(error),
      onRecords: () => {
        throw fault;
      },
    });
    await transport.createProducer().send([record(topic, 'a')]);
    await eventually(() => expect(crashes).toEqual([fault]));
    expect(member.consumer.healthy).toBe(false);
    expect(member.claims.map(({ lost }) => lost.aborted)).toEqual([true]);
  });
});

describe('what is asked of offsets', () => {
  /** NOT_LEADER_FOR_PARTITION, in the first partition of an answer to ListOffsets. */
  const notLeader = (frame: Buffer) => {
    const topicAt = 16;
    frame.writeInt16BE(6, topicAt + 2 + frame.readInt16BE(topicAt) + 8);
    return frame;
  };

  it('of a topic whose leader does not know yet that it leads it is asked again', async () => {
    const { transport, proxy } = open();
    const topic = await newTopic(transport);
    await transport.createProducer().send([record(topic, 'a')]);
    proxy.answer(apiKeys.listOffsets, notLeader, { times: 12 });
    expect(await endOf(transport, topic)).toBe(1n);
    expect(proxy.seen(apiKeys.listOffsets)).toHaveLength(13);
  });

  it('is given up when that does not end, and may be tried again', async () => {
    const { transport, proxy } = open({ questionTimeoutMs: 500 });
    const topic = await newTopic(transport);
    proxy.answer(apiKeys.listOffsets, notLeader);
    await expect(endOf(transport, topic)).rejects.toMatchObject({
      code: 'transport-unavailable',
      retryable: true,
    });
  });
});
