import { createRequire } from 'node:module';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { OutgoingRecord } from '@troupe/core';
import type { RecordMetadata } from 'kafkajs';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';

// kafkajs's own loop over brokers and attempts, with brokers that answer as a test says.
const clientOf = createRequire(import.meta.url);
const { prototype } = clientOf('kafkajs/src/broker/index.js');
const { prototype: clusterPrototype } = clientOf('kafkajs/src/cluster/index.js');
const createSendMessages = clientOf('kafkajs/src/producer/sendMessages.js');
const createRetry = clientOf('kafkajs/src/retry/index.js');
const Lock = clientOf('kafkajs/src/utils/lock.js');
const { KafkaJSProtocolError } = clientOf('kafkajs/src/errors.js');
const { createErrorFromCode } = clientOf('kafkajs/src/protocol/error.js');

type Answer = () => Promise<void>;
interface Asked {
  readonly nodeId: string;
  readonly what: 'find' | 'add' | 'produce';
}
let asked: Asked[] = [];
/** Where partitions have moved; else partition 0 is led by broker 0, and so on. */
let moved: Record<string, number> = {};
let answers: (Asked & { readonly answer: Answer })[] = [];
const originals = { ...Object.getOwnPropertyDescriptors(prototype) };
const clusterOriginals = { ...Object.getOwnPropertyDescriptors(clusterPrototype) };

interface FakeBroker {
  readonly nodeId: string;
}
interface FakeRequest {
  readonly nodeId?: string;
  readonly topics?: readonly { topic: string; partitions: readonly number[] }[];
  readonly topicData?: readonly {
    readonly topic: string;
    readonly partitions: readonly { partition: number }[];
  }[];
}

/** What the next request of this kind to this broker comes to; the others are answered at once. */
async function ask(what: Asked['what'], nodeId: string): Promise<void> {
  asked.push({ what, nodeId });
  const index = answers.findIndex((one) => one.what === what && one.nodeId === nodeId);
  if (index >= 0) await answers.splice(index, 1)[0]?.answer();
}

beforeEach(() => {
  asked = [];
  answers = [];
  moved = {};
});
afterAll(() => {
  Object.defineProperties(prototype, originals);
  Object.defineProperties(clusterPrototype, clusterOriginals);
});

prototype.produce = async function produce(this: FakeBroker, { topicData = [] }: FakeRequest) {
  await ask('produce', this.nodeId);
  return {
    topics: topicData.map(({ topic, partitions }) => ({
      topicName: topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode: 0 })),
    })),
  };
};
prototype.addPartitionsToTxn = async ({ nodeId = '' }: FakeRequest) => ask('add', nodeId);
clusterPrototype.findGroupCoordinator = async ({ nodeId = '' }: FakeRequest) => ask('find', nodeId);

// It watches the client from its first call on: a copy of its own watches these brokers.
vi.resetModules();
const { sendOnce } = await import('./send-once.ts');
const { SendRound } = await import('./send-round.ts');

function producerOn(brokerCount: number) {
  const brokers = Array.from({ length: brokerCount }, (_, index) =>
    Object.assign(Object.create(prototype), { nodeId: String(index) }),
  );
  const locks = brokers.map(() => new Lock({ timeout: 65_535 }));
  const sequences: Record<string, number> = {};
  const sendMessages = createSendMessages({
    logger: { debug: () => undefined, error: () => undefined },
    partitioner: ({ message }: { message: { partition: number } }) => message.partition,
    retrier: createRetry({ initialRetryTime: 1, maxRetryTime: 5, retries: 5 }),
    cluster: {
      isConnected: () => true,
      addMultipleTargetTopics: async () => undefined,
      refreshMetadataIfNecessary: async () => undefined,
      refreshMetadata: async () => undefined,
      findTopicPartitionMetadata: () => brokers,
      findLeaderForPartitions: (_: string, partitions: string[]) =>
        Object.groupBy(partitions.map(Number), (partition) => moved[partition] ?? partition),
      findBroker: async ({ nodeId }: FakeBroker) => brokers[Number(nodeId)],
    },
    eosManager: {
      acquireBrokerLock: async ({ nodeId }: FakeBroker) => locks[Number(nodeId)].acquire(),
      releaseBrokerLock: async ({ nodeId }: FakeBroker) => locks[Number(nodeId)].release(),
      isTransactional: () => true,
      getTransactionalId: () => 'shard',
      getProducerId: () => 1,
      getProducerEpoch: () => 0,
      getSequence: (topic: string, partition: number) => sequences[`${topic}/${partition}`] ?? 0,
      updateSequence: (topic: string, partition: number, by: number) => {
        const place = `${topic}/${partition}`;
        sequences[place] = (sequences[place] ?? 0) + by;
      },
      addPartitionsToTransaction: async ([
        {
          topic,
          partitions: [{ partition }],
        },
      ]: [{ topic: string; partitions: [{ partition: number }] }]) => {
        const topics = [{ topic, partitions: [partition] }];
        await clusterPrototype.findGroupCoordinator({ nodeId: String(partition) });
        return prototype.addPartitionsToTxn({ nodeId: String(partition), topics });
      },
    },
  });
  return { sendBatch: sendMessages as () => Promise<RecordMetadata[]> };
}

function sent(brokerCount: number) {
  const records = Array.from(
    { length: brokerCount },
    (_, partition): OutgoingRecord => ({
      topic: 'troupe.sagas',
      partition,
      key: `${partition}`,
      value: null,
      headers: {},
    }),
  );
  return new SendRound(records, () => brokerCount);
}

const refused = (code: number): Answer => {
  return async () => {
    throw new KafkaJSProtocolError(createErrorFromCode(code));
  };
};
const concurrentTransactions = 51;
const notEnoughReplicas = 19;
const produced = (nodeId: string) =>
  asked.filter((one) => one.what === 'produce' && one.nodeId === nodeId).length;

describe('sendOnce (I5)', () => {
  test('asks each broker once', async () => {
    await sendOnce(producerOn(3), sent(3));
    expect(asked.filter(({ what }) => what === 'produce')).toHaveLength(3);
  });

  test('partitions that are added too soon make no other broker be sent to twice', async () => {
    const { promise: slow, resolve } = Promise.withResolvers<void>();
    answers = [
      { nodeId: '0', what: 'add', answer: refused(concurrentTransactions) },
      { nodeId: '0', what: 'add', answer: refused(concurrentTransactions) },
      { nodeId: '1', what: 'produce', answer: () => slow },
    ];
    const sending = sendOnce(producerOn(2), sent(2));
    // As long as the client would have taken to try again.
    while (produced('0') === 0) await nextTurn();
    resolve();
    await sending;
    expect([produced('0'), produced('1')]).toEqual([1, 1]);
  });

  test.each([
    ['partitions of another cannot be added', 'add'],
    ['the coordinator of the transaction is not found', 'find'],
  ] as const)(
    'what is on its way to one broker is waited for when %s meanwhile',
    async (_, what) => {
      const { promise: slow, resolve } = Promise.withResolvers<void>();
      answers = [
        { nodeId: '0', what, answer: refused(notEnoughReplicas) },
        { nodeId: '1', what: 'produce', answer: () => slow },
      ];
      const sending = sendOnce(producerOn(2), sent(2));
      // As long as the client would have taken to try again.
      await vi.waitUntil(() => produced('1') === 1);
      await sleep(50);
      expect(produced('0')).toBe(0);
      resolve();
      await sending;
      expect([produced('0'), produced('1')]).toEqual([1, 1]);
    },
  );

  test('nor is what was added before waited for where something new of that broker cannot be added', async () => {
    // Broker 0 leads partition 2 too, of which nothing has to be added.
    moved = { 2: 0 };
    answers = [{ nodeId: '0', what: 'add', answer: refused(notEnoughReplicas) }];
    await sendOnce(producerOn(3), sent(3));
    expect([produced('0'), produced('1')]).toEqual([1, 1]);
  });

  test('what one broker refuses is asked of it again, when all have answered', async () => {
    answers = [{ nodeId: '0', what: 'produce', answer: refused(notEnoughReplicas) }];
    await sendOnce(producerOn(2), sent(2));
    expect([produced('0'), produced('1')]).toEqual([2, 1]);
  });

  test('a partition that could not be added, and moves to a broker that has failed, is sent there soon', async () => {
    const movesAway: Answer = async () => {
      moved = { 1: 0 };
      return refused(notEnoughReplicas)();
    };
    answers = [
      { nodeId: '0', what: 'produce', answer: refused(notEnoughReplicas) },
      { nodeId: '1', what: 'add', answer: movesAway },
    ];
    await sendOnce(producerOn(2), sent(2));
    expect([produced('0'), produced('1')]).toEqual([2, 0]);
  });
});
