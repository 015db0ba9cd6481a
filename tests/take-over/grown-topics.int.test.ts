import { topicsOf } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KafkaInstallation, sessionTimeoutMs } from '../installations/kafka-installation.ts';
import { bookTrip, startTripServices, TripBooked, TripBooks } from '../installations/trip-saga.ts';

const limits = { sessionTimeoutMs, recordIntervalMs: 10 };
const patience = { timeout: 60_000, interval: 50 };
const { state } = internalTopics;
const groups = ['hotel', 'flight', 'till', 'troupe-coordinator'];
const grownTo = 3;

let troupe: KafkaInstallation;
let admin: Admin;

beforeAll(async () => {
  troupe = await KafkaInstallation.start(bookTrip, { partitions: 2 });
  admin = new Kafka({ brokers: [...troupe.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(async () => {
  await admin?.disconnect();
  await troupe?.close();
});

/** All topics but those with one partition, as `kafka-topics.sh --alter --partitions`. */
async function growTopics(): Promise<void> {
  const specs = topicsOf([bookTrip], groups, { partitions: grownTo });
  const growing = specs.filter(({ partitions }) => partitions === grownTo);
  await admin.createPartitions({
    topicPartitions: growing.map(({ topic }) => ({ topic, count: grownTo })),
  });
}

test('topics that have grown are refused, until somebody says that no saga runs', async () => {
  const first = await troupe.startCoordinator({ limits });
  await troupe.define();
  await troupe.publish(new TripBooked({ id: 'before', cents: 500 }));
  await vi.waitFor(() => expect(troupe.phase('before')).toBe('running'), patience);
  await first.coordinator.stop();
  await growTopics();

  const refused = troupe.makeCoordinator({ limits });
  await expect(refused.coordinator.start()).rejects.toMatchObject({
    code: 'partition-count-mismatch',
    message: expect.stringMatching(/begun with 2 partitions, and troupe\.state has at least 3 now/),
  });

  const [partition, value] = [grownTo - 1, Buffer.from('grown')];
  await troupe.send({ topic: state, partition, key: 'barrier', value, headers: {} });
  const { coordinator } = await troupe.startCoordinator({ limits });
  const books = new TripBooks();
  await startTripServices(troupe, books);
  const ids = Array.from({ length: 6 }, (_, index) => `after-${index}`);
  for (const id of ids) await troupe.publish(new TripBooked({ id, cents: 500 }));
  await vi.waitFor(() => {
    const { shards } = coordinator.health();
    expect(shards.map(({ phase }) => phase)).toEqual(['live', 'live', 'live']);
  }, patience);
  await vi.waitFor(() => {
    for (const id of ids) expect(books.paid.get(id)).toBe(1);
  }, patience);
}, 180_000);
