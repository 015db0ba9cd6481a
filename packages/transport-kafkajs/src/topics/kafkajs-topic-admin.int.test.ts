import { defineEvent, defineSaga, defineStep, t, topicsOf } from '@troupe/core';
import { type KafkaCluster, startKafka } from '@troupe/infra';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKafkajsTransport } from '../create-kafkajs-transport.ts';

const dayMs = 24 * 60 * 60_000;
const id = t.string().key();
class Placed extends defineEvent('shop.orders.Placed', { id }) {}
class Reserved extends defineEvent('shop.stock.Reserved', { id }) {}
const reserve = defineStep('reserve', { after: Placed, emits: Reserved, compensates: null });
/** Longer than what a broker keeps by itself is long enough for. */
const place = defineSaga('place', {
  version: 1,
  startsOn: Placed,
  steps: [reserve],
  timeoutMs: 10 * dayMs,
});

const compacted = ['troupe.definitions', 'troupe.participants', 'troupe.state'];
const kept = [
  'shop.orders',
  'shop.stock',
  'stock.dead-letter',
  'stock.retry',
  'troupe.commands',
  'troupe.outcomes',
  'troupe.requests',
  'troupe.sagas',
];

let cluster: KafkaCluster;
let admin: Admin;

beforeAll(async () => {
  cluster = await startKafka();
  const brokers = [cluster.bootstrapServers];
  const transport = createKafkajsTransport({ brokers, clientId: 'administrator' });
  await transport.topics.create(topicsOf([place], ['stock'], { partitions: 2 }));
  await transport.close();
  admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(async () => {
  await admin?.disconnect();
  await cluster?.stop();
});

/** What the broker says of it, by topic. */
async function settings(name: string): Promise<Record<string, string | undefined>> {
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('_'));
  const resources = topics.map((topic) => ({
    type: ConfigResourceTypes.TOPIC,
    name: topic,
    configNames: [name],
  }));
  const answer = await admin.describeConfigs({ includeSynonyms: false, resources });
  return Object.fromEntries(
    answer.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      configEntries.find(({ configName }) => configName === name)?.configValue,
    ]),
  );
}

const each = (topics: readonly string[], value: string) =>
  Object.fromEntries(topics.map((topic) => [topic, value]));

describe('the topics of an installation, as the broker has them', () => {
  test('say when the broker appended a record (rule 11)', async () => {
    expect(await settings('message.timestamp.type')).toEqual(
      each([...compacted, ...kept], 'LogAppendTime'),
    );
  });

  test('keep the newest of each key where it is state, and all else for a time', async () => {
    expect(await settings('cleanup.policy')).toEqual({
      ...each(compacted, 'compact'),
      ...each(kept, 'delete'),
    });
  });

  test('keep events for twice as long as the longest saga may take', async () => {
    expect(await settings('retention.ms')).toMatchObject(each(kept, String(20 * dayMs)));
  });
});
