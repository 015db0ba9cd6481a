import { setTimeout as pause } from 'node:timers/promises';
import type { OutgoingRecord, Transport } from '@troupe/core';
import { startKafka } from '@troupe/infra';
import { type TransportFixture, transportContract } from '@troupe/testing/transport-contract';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { createKafkajsTransport } from './create-kafkajs-transport.ts';
import { kafkajsLimits } from './kafkajs-limits.ts';
import { CuttableWire } from './wire/cuttable-wire.ts';

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
  const wires = new Map<Transport, CuttableWire>();
  const wireOf = (transport: Transport): CuttableWire => {
    const wire = wires.get(transport);
    if (wire === undefined) throw new Error('this transport was not opened here');
    return wire;
  };
  const bare = (wire = new CuttableWire()) =>
    new Kafka({ brokers, socketFactory: wire.factory, logLevel: logLevel.NOTHING });
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
      const wire = new CuttableWire();
      const transport = createKafkajsTransport({
        brokers,
        clientId: 'contract',
        limits,
        socketFactory: wire.factory,
      });
      wires.set(transport, wire);
      return transport;
    },
    openAt: (address) => createKafkajsTransport({ brokers: [address], clientId: 'contract' }),
    crash: async (transport) => wireOf(transport).cut(),
    loseSessions: async (transport) => {
      wireOf(transport).hold();
      await pause(sessionTimeoutMs * 1.5);
      wireOf(transport).release();
    },
    leaveTransactionOpen: async (transactionalId, records) => {
      const wire = new CuttableWire();
      const dying = bare(wire).producer({
        transactionalId,
        transactionTimeout: transactionTimeoutMs,
      });
      await dying.connect();
      const transaction = await dying.transaction();
      await transaction.sendBatch({ topicMessages: records.map(topicMessage) });
      wire.cut();
    },
    appendForeign: async (topic, partition, { key, value, headers }) => {
      const lists: Record<string, Buffer[]> = {};
      for (const [name, bytes] of headers) {
        lists[name] = [...(lists[name] ?? []), Buffer.from(bytes)];
      }
      await producer.send({
        topic,
        messages: [{ partition, key: bufferOf(key), value: bufferOf(value), headers: lists }],
      });
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
