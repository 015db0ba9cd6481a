// What the broker says of a producer id or a leader, and what a producer does then. The proxy says it in its place.
import { uniqueName } from '@troupe/infra/test-servers';
import { apiKeys } from '@troupe/testing/kafka-proxy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outcomeOf, record, TrapWorld } from './trap-world.ts';

let world: TrapWorld;
beforeEach(() => {
  world = new TrapWorld();
});
afterEach(() => world.close());

const values = async (topic: string) => (await world.read(topic)).map(({ value }) => value);

const errors = {
  NOT_LEADER_FOR_PARTITION: 6,
  NOT_COORDINATOR: 16,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  DUPLICATE_SEQUENCE_NUMBER: 46,
  INVALID_PRODUCER_EPOCH: 47,
  UNKNOWN_PRODUCER_ID: 59,
  PRODUCER_FENCED: 90,
};

/** Puts an error into the first partition of an answer to Produce; what was sent is written all the same. */
const refusedWith = (code: number) => (frame: Buffer) => {
  const topicAt = 12;
  frame.writeInt16BE(code, topicAt + 2 + frame.readInt16BE(topicAt) + 8);
  return frame;
};

/** Puts an error into an answer that has one for all: to InitProducerId, and to EndTxn. */
const failedWith = (code: number) => (frame: Buffer) => {
  frame.writeInt16BE(code, 12);
  return frame;
};

describe('a plain producer', () => {
  it.each([
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'DUPLICATE_SEQUENCE_NUMBER',
    'INVALID_PRODUCER_EPOCH',
    'UNKNOWN_PRODUCER_ID',
  ] as const)('I5: after %s goes on under another id', async (name) => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours();
    const producer = transport.createProducer();
    await producer.send([record(topic, 'before')]);
    const ids = proxy.seen(apiKeys.initProducerId).length;
    // For as often as kafkajs tries again.
    proxy.answer(apiKeys.produce, refusedWith(errors[name]));
    expect(await outcomeOf(producer.send([record(topic, 'amid')]))).toMatchObject({
      code: 'transport-unavailable',
      retryable: true,
    });
    proxy.release();
    await producer.send([record(topic, 'after')]);
    expect(proxy.seen(apiKeys.initProducerId).length).toBe(ids + 1);
    expect(await values(topic)).toEqual(['before', 'amid', 'after']);
  });

  it('that is told of another leader asks again, and all is written once', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours();
    const producer = transport.createProducer();
    await producer.send([record(topic, 'before')]);
    const refused = refusedWith(errors.NOT_LEADER_FOR_PARTITION);
    proxy.answer(apiKeys.produce, refused, { times: 2 });
    await producer.send([record(topic, 'amid')]);
    await producer.send([record(topic, 'after')]);
    expect(await values(topic)).toEqual(['before', 'amid', 'after']);
  });
});

describe('a transactional producer', () => {
  it.each([
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'transport-unavailable'],
    ['UNKNOWN_PRODUCER_ID', 'transport-unavailable'],
    ['INVALID_PRODUCER_EPOCH', 'producer-fenced'],
  ] as const)(
    'I5: to whom a send is refused with %s is dead, and nothing of it is seen',
    async (name, code) => {
      const topic = await world.topic();
      const { transport, proxy } = world.ours();
      const id = uniqueName('refused');
      const producer = await transport.openTransactionalProducer(id);
      await producer.commit([record(topic, 'before')]);
      proxy.answer(apiKeys.produce, refusedWith(errors[name]));
      expect(await outcomeOf(producer.commit([record(topic, 'amid')]))).toMatchObject({ code });
      proxy.release();
      expect(await outcomeOf(producer.commit([record(topic, 'never')]))).toMatchObject({ code });
      const heir = await transport.openTransactionalProducer(id);
      await heir.commit([record(topic, 'after')]);
      expect(await values(topic)).toEqual(['before', 'after']);
    },
  );

  it.each([
    ['NOT_COORDINATOR', 'transport-unavailable'],
    ['PRODUCER_FENCED', 'producer-fenced'],
    ['INVALID_PRODUCER_EPOCH', 'producer-fenced'],
  ] as const)('I5: whose commit is answered with %s is dead', async (name, code) => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours();
    const id = uniqueName('refused');
    const producer = await transport.openTransactionalProducer(id);
    await producer.commit([record(topic, 'before')]);
    proxy.answer(apiKeys.endTxn, failedWith(errors[name]));
    expect(await outcomeOf(producer.commit([record(topic, 'amid')]))).toMatchObject({ code });
    proxy.release();
    expect(await outcomeOf(producer.commit([record(topic, 'never')]))).toMatchObject({ code });
    const heir = await transport.openTransactionalProducer(id);
    await heir.commit([record(topic, 'after')]);
    const seen = await values(topic);
    expect(seen).toEqual(expect.arrayContaining(['before', 'after']));
    expect(seen).not.toContain('never');
  });

  it('whose coordinator has moved finds it', async () => {
    const topic = await world.topic();
    const { transport, proxy } = world.ours();
    proxy.answer(apiKeys.initProducerId, failedWith(errors.NOT_COORDINATOR), { times: 3 });
    const producer = await transport.openTransactionalProducer(uniqueName('moved'));
    await producer.commit([record(topic, 'found')]);
    expect(proxy.seen(apiKeys.initProducerId)).toHaveLength(4);
    expect(await values(topic)).toEqual(['found']);
  });
});
