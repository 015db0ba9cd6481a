import { internalTopics } from '@troupe/core/internal';
import { type Admin, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KafkaInstallation, sessionTimeoutMs } from '../installations/kafka-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  TripBooked,
  TripPaid,
} from '../installations/trip-saga.ts';

const limits = { sessionTimeoutMs, takeOverDelayMs: 50, recordIntervalMs: 10 };
const patience = { timeout: 60_000, interval: 50 };
const { state } = internalTopics;

let troupe: KafkaInstallation;
let admin: Admin;

beforeAll(async () => {
  troupe = await KafkaInstallation.start(bookTrip, { partitions: 1 });
  await troupe.define();
  admin = new Kafka({ brokers: [...troupe.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});
afterAll(async () => {
  await admin?.disconnect();
  await troupe?.close();
});

/** Everything that the topic's only partition has by now, as `kafka-delete-records.sh` with offset -1. */
async function deleteRecords(topic: string): Promise<void> {
  // Only of topics that it has heard of does the client know the leaders.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] });
}

/** Puts the setting beside the others that the topic has, as `kafka-configs.sh --add-config`. */
async function setCleanup(topic: string, cleanup: string): Promise<void> {
  const type = ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type, name: topic }],
  });
  const own = resources[0]?.configEntries.filter(({ isDefault }) => !isDefault) ?? [];
  const others = own.filter(({ configName }) => configName !== 'cleanup.policy');
  const configEntries = [
    ...others.map(({ configName, configValue }) => ({ name: configName, value: configValue })),
    { name: 'cleanup.policy', value: cleanup },
  ];
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type, name: topic, configEntries }],
  });
}

test('deleted before they were folded, events stop their shard; it begins anew when its state is deleted, as it says', async () => {
  const first = await troupe.startCoordinator({ limits });
  await troupe.publish(new TripBooked({ id: 'early', cents: 500 }));
  await troupe.publish(new HotelHeld({ id: 'early' }));
  await vi.waitFor(
    () => expect(troupe.folded('early')?.steps).toHaveProperty('hold-hotel'),
    patience,
  );
  first.kill();
  // Nobody folds it before it is gone.
  await troupe.publish(new FlightHeld({ id: 'early' }));
  await deleteRecords('trip.flight');

  const stopped = await troupe.startCoordinator({ limits });
  await vi.waitFor(() => {
    const { shards, problems, ready } = stopped.coordinator.health();
    expect([ready, shards.map(({ phase }) => phase)]).toEqual([false, ['failed']]);
    expect(problems.map(({ message }) => message).join()).toMatch(
      /events were deleted before they were folded.*trip\.flight-0: next is 0, but there is 1 to 1/,
    );
  }, patience);
  await stopped.coordinator.stop();

  // A broker deletes nothing from a topic that is only compacted.
  await expect(deleteRecords(state)).rejects.toThrow();
  await setCleanup(state, 'compact,delete');
  await vi.waitFor(() => deleteRecords(state), patience);
  await setCleanup(state, 'compact');

  const anew = await troupe.startCoordinator({ limits });
  await vi.waitFor(() => expect(anew.coordinator.health().ready).toBe(true), patience);
  // What the topics still have was folded again, and what is gone has to be said again.
  await troupe.publish(new FlightHeld({ id: 'early' }));
  await troupe.publish(new TripPaid({ id: 'early' }));
  await vi.waitFor(() => expect(troupe.phase('early')).toBe('completed'), patience);
  await anew.coordinator.stop();
}, 180_000);
