// What becomes of a transaction when its producer, the wire or the time fails: with bare kafkajs, and with this driver.
import { uniqueName } from '@troupe/infra/test-servers';
import { apiKeys } from '@troupe/testing/kafka-proxy';
import type { Producer } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bareRetries, eventually, outcomeOf, record, TrapWorld } from './trap-world.ts';

let world: TrapWorld;
beforeEach(() => {
  world = new TrapWorld();
});
afterEach(() => world.close());

const values = async (topic: string) => (await world.read(topic)).map(({ value }) => value);

/** A bare producer with a transaction begun. */
async function bareTransaction(transactionalId = uniqueName('bare')) {
  const { kafka, proxy } = world.bare();
  const producer: Producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    retry: { initialRetryTime: 10, retries: 20 },
  });
  await producer.connect();
  world.atEnd(() => producer.disconnect());
  return { producer, proxy, transaction: await producer.transaction() };
}

describe('the response of a commit is lost', () => {
  it('kafkajs: the producer neither commits, nor aborts, nor begins another', async () => {
    const topic = await world.topic();
    const { producer, proxy, transaction } = await bareTransaction();
    await transaction.send({ topic, messages: [{ value: 'committed' }] });
    proxy.lose(apiKeys.endTxn, { times: 1 });
    for (const attempt of [
      () => transaction.commit(),
      () => transaction.commit(),
      () => transaction.abort(),
      () => producer.transaction(),
    ]) {
      expect(await outcomeOf(attempt())).toBeInstanceOf(Error);
    }
    await eventually(async () => (await values(topic)).includes('committed'));
  });

  it('I5, here: it is dead and says so, and the next holder finds all of it or nothing', async () => {
    const topic = await world.topic(2);
    const { transport, proxy } = world.ours();
    const id = uniqueName('ours');
    const producer = await transport.openTransactionalProducer(id);
    await producer.commit([record(topic, 'before')]);
    proxy.lose(apiKeys.endTxn);
    const failure = { code: 'transport-unavailable', retryable: true };
    const commit = producer.commit([record(topic, 'unheard', 0), record(topic, 'unheard', 1)]);
    expect(await outcomeOf(commit)).toMatchObject(failure);
    proxy.release();
    const asked = proxy.requests.length;
    expect(await outcomeOf(producer.commit([record(topic, 'again')]))).toMatchObject(failure);
    expect(proxy.seen(apiKeys.produce).length).toBe(2);
    expect(proxy.requests.length).toBe(asked);
    const heir = await world.ours().transport.openTransactionalProducer(id);
    await heir.commit([record(topic, 'after')]);
    // The request was heard, only its answer was not.
    expect((await values(topic)).sort()).toEqual(['after', 'before', 'unheard', 'unheard']);
  });
});

describe('the response of an abort is lost', () => {
  it('kafkajs: the producer can do nothing any more', async () => {
    const topic = await world.topic();
    const { producer, proxy, transaction } = await bareTransaction();
    await transaction.send({ topic, messages: [{ value: 'aborted' }] });
    proxy.lose(apiKeys.endTxn, { times: 1 });
    expect(await outcomeOf(transaction.abort())).toBeInstanceOf(Error);
    expect(await outcomeOf(transaction.abort())).toBeInstanceOf(Error);
    expect(await outcomeOf(producer.transaction())).toBeInstanceOf(Error);
  });

  it('I5, here: the commit says why it was aborted, nothing of it is seen, and another producer goes on', async () => {
    const usual = await world.topic();
    const small = await world.topic(1, { 'max.message.bytes': '20000' });
    const { transport, proxy } = world.ours();
    const id = uniqueName('ours');
    const producer = await transport.openTransactionalProducer(id);
    const large = { ...record(small, 'large'), value: Buffer.from('x'.repeat(50_000)) };
    proxy.lose(apiKeys.endTxn);
    const refused = { code: 'message-too-large' };
    expect(await outcomeOf(producer.commit([record(usual, 'beside'), large]))).toMatchObject(
      refused,
    );
    expect(proxy.seen(apiKeys.endTxn).length).toBeGreaterThan(0);
    proxy.release();
    expect(await outcomeOf(producer.commit([record(usual, 'again')]))).toMatchObject(refused);
    const heir = await transport.openTransactionalProducer(id);
    await heir.commit([record(usual, 'after')]);
    expect(await values(usual)).toEqual(['after']);
    expect(await values(small)).toEqual([]);
  });
});

describe('the end of a transaction is not heard of at all', () => {
  it('a commit over a connection that is half open ends before the broker has given it up', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours({ transactionTimeoutMs: 2_000, closeTimeoutMs: 500 });
    const id = uniqueName('ours');
    const producer = await transport.openTransactionalProducer(id);
    await producer.commit([record(topic, 'before')]);
    proxy.deafen();
    expect(await outcomeOf(producer.commit([record(topic, 'unheard')]))).toMatchObject({
      code: 'transport-unavailable',
      retryable: true,
    });
    const heir = await world.ours().transport.openTransactionalProducer(id);
    await heir.commit([record(topic, 'after')]);
    expect(await values(topic)).toEqual(['before', 'after']);
  });
});

describe('a transaction is left open', () => {
  it('it holds a plain event of its partition back until it has timed out, and no longer', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours({ transactionTimeoutMs: 2_000, closeTimeoutMs: 100 });
    const producer = await transport.openTransactionalProducer(uniqueName('dying'));
    proxy.holdAnswers(apiKeys.produce);
    const commit = outcomeOf(producer.commit([record(topic, 'open')]));
    const other = world.ours().transport;
    const end = async (isolation: 'read-committed' | 'read-uncommitted') =>
      (await other.topics.endOffsets([topic], 0, isolation)).get(topic);
    await eventually(async () => (await end('read-uncommitted')) === 1n);
    proxy.cut();
    expect(await commit).toBeInstanceOf(Error);
    await other.createProducer().send([record(topic, 'plain')]);
    expect(await end('read-committed')).toBe(0n);
    // Nobody opens the id again.
    await eventually(async () => (await end('read-committed')) !== 0n);
    expect(await values(topic)).toEqual(['plain']);
  });

  it('whoever comes back to it after that is fenced, and nothing of it is ever seen', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours({ closeTimeoutMs: 500 });
    const bare = world.bare().kafka.producer({
      transactionalId: uniqueName('sleeper'),
      transactionTimeout: 1_000,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await bare.connect();
    world.atEnd(() => bare.disconnect());
    const sleeping = await bare.transaction();
    await sleeping.send({ topic, messages: [{ value: 'slept' }] });
    const end = async () =>
      (await transport.topics.endOffsets([topic], 0, 'read-committed')).get(topic);
    await eventually(async () => (await end()) !== 0n);
    expect(await outcomeOf(sleeping.commit())).toBeInstanceOf(Error);
    expect(proxy.requests.length).toBeGreaterThan(0);
    await transport.createProducer().send([record(topic, 'plain')]);
    expect(await values(topic)).toEqual(['plain']);
  });
});

describe('the broker is still at work on the last transaction', () => {
  type Logged = Readonly<Record<string, unknown>>;
  const concurrentTransactions = 51;
  /** The error of the first partition in an answer to AddPartitionsToTxn. */
  const refuse = (frame: Buffer): Buffer => {
    const topicAt = 16;
    const errorAt = topicAt + 2 + frame.readInt16BE(topicAt) + 8;
    frame.writeInt16BE(concurrentTransactions, errorAt);
    return frame;
  };
  const waitsIn = (entries: readonly Logged[]): number[] =>
    entries.flatMap(({ retryTime }) => (typeof retryTime === 'number' ? [retryTime] : []));

  it('kafkajs: waits 300 ms before it asks again, and twice as long before the next time', async () => {
    const topic = await world.topic();
    const logged: Logged[] = [];
    const { kafka, proxy } = world.bare({
      logCreator: () => (entry) => {
        if (entry.log.message.includes('concurrent')) logged.push(entry.log);
      },
    });
    const producer = kafka.producer({
      transactionalId: uniqueName('bare'),
      idempotent: true,
      maxInFlightRequests: 1,
      retry: bareRetries,
    });
    await producer.connect();
    world.atEnd(() => producer.disconnect());
    const transaction = await producer.transaction();
    proxy.answer(apiKeys.addPartitionsToTxn, refuse, { times: 2 });
    await transaction.send({ topic, messages: [{ value: 'late' }] });
    await transaction.commit();
    const [first = 0, second = 0] = waitsIn(logged);
    expect(first).toBeGreaterThanOrEqual(240);
    expect(second).toBeGreaterThan(first);
  });

  it('here: it is asked again by itself, and kafkajs waits for nothing', async () => {
    const topic = await world.topic();
    const logged: Logged[] = [];
    const { transport, proxy } = world.ours({}, { debug: (_, fields = {}) => logged.push(fields) });
    const producer = await transport.openTransactionalProducer(uniqueName('ours'));
    proxy.answer(apiKeys.addPartitionsToTxn, refuse, { times: 5 });
    await producer.commit([record(topic, 'soon')]);
    expect(proxy.seen(apiKeys.addPartitionsToTxn)).toHaveLength(6);
    expect(waitsIn(logged)).toEqual([]);
    expect(await values(topic)).toEqual(['soon']);
  });
});

describe('offsets in a transaction', () => {
  it('kafkajs: who is no member of the group commits its offsets all the same', async () => {
    const topic = await world.topic();
    const groupId = uniqueName('group');
    const { kafka } = world.bare();
    const member = kafka.consumer({ groupId });
    await member.connect();
    world.atEnd(() => member.disconnect());
    await member.subscribe({ topics: [topic] });
    const { promise: joined, resolve } = Promise.withResolvers<void>();
    member.on(member.events.GROUP_JOIN, () => resolve());
    await member.run({ autoCommit: false, eachMessage: async () => undefined });
    await joined;
    await member.commitOffsets([{ topic, partition: 0, offset: '5' }]);
    const { transaction: zombie } = await bareTransaction();
    const old = [{ topic, partitions: [{ partition: 0, offset: '2' }] }];
    await zombie.sendOffsets({ consumerGroupId: groupId, topics: old });
    await zombie.commit();
    const admin = kafka.admin();
    await admin.connect();
    world.atEnd(() => admin.disconnect());
    await eventually(async () => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return found?.partitions[0]?.offset === '2';
    });
  });

  it('I5, here: offsets are records of the transaction, and only the last holder of its id commits them', async () => {
    const topic = await world.topic();
    const id = uniqueName('shard');
    const zombie = await world.ours().transport.openTransactionalProducer(id);
    await zombie.commit([record(topic, 'offset 2')]);
    const heir = await world.ours().transport.openTransactionalProducer(id);
    await heir.commit([record(topic, 'offset 5')]);
    expect(await outcomeOf(zombie.commit([record(topic, 'offset 3')]))).toMatchObject({
      code: 'producer-fenced',
      retryable: false,
    });
    expect(await values(topic)).toEqual(['offset 2', 'offset 5']);
  });
});
