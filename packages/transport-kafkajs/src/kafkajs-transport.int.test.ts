import { setTimeout as pause } from 'node:timers/promises';
import type { OutgoingRecord, Transport } from '@troupe/core';
import { startKafka } from '@troupe/infra';
import { apiKeys, KafkaProxy } from '@troupe/testing/kafka-proxy';
import { type TransportFixture, transportContract } from '@troupe/testing/transport-contract';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { createKafkajsTransport } from './create-kafkajs-transport.ts';
import { kafkajsLimits } from './kafkajs-limits.ts';

const sessionTimeoutMs = 3_000;
const transactionTimeoutMs = 60_000;

let fixture: KafkaFixture | undefined;

transportContract(
  'kafkajs',
  { stickyClaims: true, addresses: true },
  {
    setup: async () => {
      fixture = await startKafkaFixture();
      return fixture;
    },
    teardown: async () => fixture?.stop(),
  },
);

interface KafkaFixture extends TransportFixture {
  stop(): Promise<void>;
}

/** A Kafka of its own, and the wire to it in the hands of the tests. What is beside the transport is bare kafkajs. */
async function startKafkaFixture(): Promise<KafkaFixture> {
  const cluster = await startKafka();
  const [broker] = cluster.brokers;
  if (broker === undefined) throw new Error('a cluster without a broker');
  const brokers = cluster.bootstrapServers.split(',');
  const proxies = new Map<Transport, KafkaProxy>();
  const proxyOf = (transport: Transport): KafkaProxy => {
    const proxy = proxies.get(transport);
    if (proxy === undefined) throw new Error('this transport was not opened here');
    return proxy;
  };
  const bare = (proxy?: KafkaProxy) =>
    new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      ...(proxy === undefined ? {} : { socketFactory: proxy.socketFactory }),
    });
  const producer = bare().producer();
  const withAdmin = async <Answer>(ask: (admin: Admin) => Promise<Answer>): Promise<Answer> => {
    const admin = bare().admin();
    await admin.connect();
    return ask(admin).finally(() => admin.disconnect());
  };
  await producer.connect();

  return {
    sessionTimeoutMs,
    recordBytesMax: kafkajsLimits.recordBytesMax,
    open: (limits) => {
      const proxy = new KafkaProxy();
      const transport = createKafkajsTransport({
        brokers,
        clientId: 'contract',
        limits,
        socketFactory: proxy.socketFactory,
      });
      proxies.set(transport, proxy);
      return transport;
    },
    openAt: (address) => createKafkajsTransport({ brokers: [address], clientId: 'contract' }),
    crash: async (transport) => proxyOf(transport).cut(),
    loseSessions: async (transport) => {
      proxyOf(transport).hold();
      await pause(sessionTimeoutMs * 1.5);
      proxyOf(transport).release();
    },
    loseAnswers: (transport, to) => {
      const proxy = proxyOf(transport);
      proxy.lose(to === 'sends' ? apiKeys.produce : apiKeys.endTxn);
      return () => proxy.release();
    },
    leaveTransactionOpen: async (transactionalId, records, timeoutMs) => {
      const proxy = new KafkaProxy();
      const dying = bare(proxy).producer({
        transactionalId,
        transactionTimeout: timeoutMs ?? transactionTimeoutMs,
      });
      await dying.connect();
      const transaction = await dying.transaction();
      await transaction.sendBatch({ topicMessages: records.map(topicMessage) });
      await proxy.close();
    },
    appendForeign: async (topic, partition, { key, value, headers, timestampMs }) => {
      const lists: Record<string, Buffer[]> = {};
      for (const [name, bytes] of headers) {
        lists[name] = [...(lists[name] ?? []), Buffer.from(bytes)];
      }
      const message = { partition, key: bufferOf(key), value: bufferOf(value), headers: lists };
      const timestamp = String(timestampMs ?? Date.now());
      await producer.send({ topic, messages: [{ ...message, timestamp }] });
    },
    deleteBefore: (topic, partition, offset) =>
      withAdmin(async (admin) => {
        // kafkajs knows where the partitions are only of topics that it was asked about.
        await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({
          topic,
          partitions: [{ partition, offset: String(offset) }],
        });
      }),
    committed: (groupId, topic, partition) =>
      withAdmin(async (admin) => {
        const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
        const offset = found?.partitions.find((one) => one.partition === partition)?.offset;
        return offset === undefined || offset === '-1' ? undefined : BigInt(offset);
      }),
    takeDown: () => broker.kill(),
    bringUp: () => broker.restart(),
    stop: async () => {
      await producer.disconnect();
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
      await cluster.stop();
    },
  };
}

function topicMessage({ topic, partition, key, value }: OutgoingRecord) {
  const message = {
    key,
    value: bufferOf(value),
    ...(partition === undefined ? {} : { partition }),
  };
  return { topic, messages: [message] };
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}
