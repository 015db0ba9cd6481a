// What a kafkajs producer does where the wire or the broker fails, and what this driver does there.
import { partitionOf } from '@troupe/core/internal';
import { uniqueName } from '@troupe/infra/test-servers';
import { apiKeys } from '@troupe/testing/kafka-proxy';
import { ConfigResourceTypes } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outcomeOf, record, TrapWorld } from './trap-world.ts';

let world: TrapWorld;
beforeEach(() => {
  world = new TrapWorld();
});
afterEach(() => world.close());

const values = async (topic: string) => (await world.read(topic)).map(({ value }) => value);

describe('the response of a send is lost, and retries are used up', () => {
  // Of equal size, which is all that a broker looks at.
  const [before, unheard, another] = ['before-', 'unheard', 'another'] as const;

  it('kafkajs: the next send is acknowledged, and lost', async () => {
    const topic = await world.topic();
    const { kafka, proxy } = world.bare();
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 1, initialRetryTime: 10 },
    });
    await producer.connect();
    world.atEnd(() => producer.disconnect());
    const send = (value: string) => producer.send({ topic, messages: [{ key: value, value }] });
    await send(before);
    proxy.lose(apiKeys.produce);
    expect(await outcomeOf(send(unheard))).toBeInstanceOf(Error);
    proxy.release();
    expect(await outcomeOf(send(another))).toMatchObject([{ errorCode: 0 }]);
    expect(await values(topic)).toEqual([before, unheard]);
  });

  it('I5, here: another producer id goes on, and nothing acknowledged is missing or doubled', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours();
    const producer = transport.createProducer();
    await producer.send([record(topic, before)]);
    const ids = proxy.seen(apiKeys.initProducerId).length;
    proxy.lose(apiKeys.produce);
    expect(await outcomeOf(producer.send([record(topic, unheard)]))).toMatchObject({
      code: 'transport-unavailable',
      retryable: true,
    });
    proxy.release();
    await producer.send([record(topic, another)]);
    expect(proxy.seen(apiKeys.initProducerId).length).toBe(ids + 1);
    expect(await values(topic)).toEqual([before, unheard, another]);
  });

  it('I5, here: while there are retries left, all is written once, under one producer id', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours();
    const producer = transport.createProducer();
    await producer.send([record(topic, '0')]);
    const ids = proxy.seen(apiKeys.initProducerId).length;
    for (let at = 1; at <= 5; at += 1) {
      proxy.lose(apiKeys.produce, { times: 2 });
      await producer.send([record(topic, `${at}`)]);
    }
    expect(proxy.seen(apiKeys.initProducerId).length).toBe(ids);
    expect(await values(topic)).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('here: what waits meanwhile is sent to the partitions of its keys', async () => {
    const partitions = 4;
    const topic = await world.topic(partitions);
    const { transport, proxy } = world.ours({ requestBytesMax: 1_000 });
    const producer = transport.createProducer();
    const keys = Array.from({ length: 40 }, (_, at) => `order-${at}`);
    await producer.send([record(topic, 'first')]);
    proxy.lose(apiKeys.produce, { times: 4 });
    const sends = keys.map((key) =>
      producer.send([{ topic, key, value: Buffer.from(key), headers: {} }]),
    );
    const outcomes = await Promise.allSettled(sends);
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
    expect(outcomes.at(-1)?.status).toBe('fulfilled');
    for (const { key, partition } of await world.read(topic)) {
      if (key !== 'first') expect([key, partition]).toEqual([key, partitionOf(key, partitions)]);
    }
  });
});

describe('a batch that is too large', () => {
  it('kafkajs: a thousand good records of one send are one record batch, and refused', async () => {
    const topic = await world.topic();
    const producer = world.bare().kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    world.atEnd(() => producer.disconnect());
    const messages = Array.from({ length: 1_100 }, () => ({ value: 'x'.repeat(1_000) }));
    expect(await outcomeOf(producer.send({ topic, messages }))).toMatchObject({
      type: 'MESSAGE_TOO_LARGE',
    });
  });

  it('here: it is split by bytes', async () => {
    const topic = await world.topic();
    const { transport } = world.ours();
    const records = Array.from({ length: 1_100 }, (_, at) => ({
      ...record(topic, `${at}`),
      value: Buffer.from('x'.repeat(1_000)),
    }));
    await transport.createProducer().send(records);
    const keys = (await world.read(topic)).map(({ key }) => key);
    expect(keys).toEqual(records.map(({ key }) => key));
  });

  it.each(['plain', 'transactional'])(
    'here: also where the topic takes less than others, in order, and once, by a %s producer',
    async (kind) => {
      const topic = await world.topic(1, { 'max.message.bytes': '20000' });
      const usual = await world.topic();
      const { transport, proxy } = world.ours();
      const records = Array.from({ length: 100 }, (_, at) => ({
        ...record(topic, `${at}`),
        value: Buffer.from('x'.repeat(1_000)),
      }));
      const taken = await transport.topics.recordBytesMax([topic]);
      expect(taken.get(topic)).toBeLessThan(20_000);
      const sent = [...records, record(usual, 'beside')];
      if (kind === 'plain') await transport.createProducer().send(sent);
      else await (await transport.openTransactionalProducer(uniqueName('narrow'))).commit(sent);
      // None was refused.
      for (const { bytes } of proxy.seen(apiKeys.produce)) expect(bytes).toBeLessThan(21_000);
      const keys = (await world.read(topic)).map(({ key }) => key);
      expect(keys).toEqual(records.map(({ key }) => key));
      expect(await values(usual)).toEqual(['beside']);
    },
  );

  it('here: whoever asks what the topic takes once it was raised hears of it', async () => {
    const topic = await world.topic(1, { 'max.message.bytes': '20000' });
    const { transport } = world.ours();
    const taken = async () => (await transport.topics.recordBytesMax([topic])).get(topic);
    expect(await taken()).toBeLessThan(20_000);
    const admin = world.bare().kafka.admin();
    await admin.connect();
    world.atEnd(() => admin.disconnect());
    const configEntries = [{ name: 'max.message.bytes', value: '40000' }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
    await expect.poll(taken).toBeGreaterThan(39_000);
  });

  it('here: also where brokers do not say what the topic takes: what was refused is remembered', async () => {
    const topic = await world.topic(1, { 'max.message.bytes': '20000' });
    const { transport, proxy } = world.ours();
    proxy.lose(apiKeys.describeConfigs);
    const records = Array.from({ length: 100 }, (_, at) => ({
      ...record(topic, `${at}`),
      value: Buffer.from('x'.repeat(1_000)),
    }));
    const id = uniqueName('narrow');
    const commit = async () => (await transport.openTransactionalProducer(id)).commit(records);
    let refusals = 0;
    while ((await outcomeOf(commit())) !== undefined) refusals += 1;
    // 100 KB, 50 KB, 25 KB: half of that is taken.
    expect(refusals).toBe(3);
    const keys = (await world.read(topic)).map(({ key }) => key);
    expect(keys).toEqual(records.map(({ key }) => key));
  });
});

describe('a message that is too large for its topic', () => {
  it('kafkajs: what travels with it is refused too', async () => {
    const [small, usual] = [
      await world.topic(1, { 'max.message.bytes': '20000' }),
      await world.topic(),
    ];
    const producer = world.bare().kafka.producer({ retry: { retries: 0 } });
    await producer.connect();
    world.atEnd(() => producer.disconnect());
    const topicMessages = [
      { topic: small, messages: [{ value: 'x'.repeat(50_000) }] },
      { topic: usual, messages: [{ value: 'good' }] },
    ];
    expect(await outcomeOf(producer.sendBatch({ topicMessages }))).toBeInstanceOf(Error);
  });

  it('here: it fails alone, by its code', async () => {
    const [small, usual] = [
      await world.topic(1, { 'max.message.bytes': '20000' }),
      await world.topic(),
    ];
    const producer = world.ours().transport.createProducer();
    const large = { ...record(small, 'large'), value: Buffer.from('x'.repeat(50_000)) };
    const [good, bad, better] = await Promise.all(
      [[record(usual, 'good')], [large], [record(small, 'better')]].map((records) =>
        outcomeOf(producer.send(records)),
      ),
    );
    expect([good, better]).toEqual([undefined, undefined]);
    expect(bad).toMatchObject({ code: 'message-too-large', retryable: false });
    expect(await values(small)).toEqual(['better']);
    expect(await values(usual)).toEqual(['good']);
  });
});

describe('a connection is half open', () => {
  it('kafkajs: asks over it until retries are used up', async () => {
    const topic = await world.topic();
    const { kafka, proxy } = world.bare({ requestTimeout: 300 });
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 3, initialRetryTime: 10 },
    });
    await producer.connect();
    world.atEnd(async () => proxy.breakConnections());
    const send = (value: string) => producer.send({ topic, messages: [{ value }] });
    await send('before');
    proxy.halfOpen();
    expect(String(await outcomeOf(send('lost')))).toContain('timed out');
    expect(String(await outcomeOf(send('lost again')))).toContain('timed out');
  });

  it('here: the next attempt has another one', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours({ requestTimeoutMs: 1_000 });
    const producer = transport.createProducer();
    await producer.send([record(topic, 'before')]);
    proxy.halfOpen();
    await producer.send([record(topic, 'after')]);
    expect(await values(topic)).toEqual(['before', 'after']);
  });
});
