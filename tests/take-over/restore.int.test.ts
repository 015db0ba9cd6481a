import type { Coordinator } from '@troupe/coordinator';
import { internalTopics } from '@troupe/core/internal';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SeenRecord } from '../installations/followed-log.ts';
import { KafkaInstallation, sessionTimeoutMs } from '../installations/kafka-installation.ts';
import { stateOnTopic } from '../installations/state-on-topic.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  TripBooked,
  TripPaid,
} from '../installations/trip-saga.ts';
import { readTopic } from './read-topic.ts';
import { type Recording, recording } from './recording-transport.ts';

const limits = {
  sessionTimeoutMs,
  takeOverDelayMs: 50,
  recordIntervalMs: 10,
  saga: { endedRetentionMs: 100 },
};
const patience = { timeout: 90_000, interval: 50 };
const { state } = internalTopics;

let troupe: KafkaInstallation;

beforeAll(async () => {
  troupe = await KafkaInstallation.start(bookTrip, { partitions: 1, prepare: makeState });
  await troupe.define();
});
afterAll(() => troupe?.close());

/** The state in segments that are closed, and compacted, within a second or two, and tombstones that go soon. */
async function makeState(brokers: readonly string[]): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const config = {
    'cleanup.policy': 'compact',
    'message.timestamp.type': 'LogAppendTime',
    'segment.ms': '200',
    'min.cleanable.dirty.ratio': '0.01',
    'delete.retention.ms': '100',
  };
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await admin.createTopics({ topics: [{ topic: state, numPartitions: 1, configEntries }] });
  await admin.disconnect();
}

/** A saga that waits for its flight. What was kept for its join is of use only after that. */
async function beginTrip(id: string): Promise<void> {
  await troupe.publish(new TripBooked({ id, cents: 500 }));
  await troupe.publish(new HotelHeld({ id }));
}

/** Both are on record, whichever came first. */
function expectBegun(id: string): void {
  const trip = troupe.folded(id);
  expect([id, trip?.phase]).toEqual([id, 'running']);
  expect(trip?.steps).toHaveProperty('hold-hotel');
}

async function endTrip(id: string): Promise<void> {
  await troupe.publish(new FlightHeld({ id }));
  await troupe.publish(new TripPaid({ id }));
}

test('the barrier is written, the state is read up to it, and the inputs go on where it says: in that order', async () => {
  const first = await troupe.startCoordinator({ limits });
  await beginTrip('before');
  await vi.waitFor(() => expectBegun('before'), patience);
  first.kill();
  // Comes while nobody is there.
  await troupe.publish(new FlightHeld({ id: 'before' }));
  const offsets = await offsetsInState();
  let recorded: Recording | undefined;
  const heir = await troupe.startCoordinator({
    limits,
    around: (transport) => {
      recorded = recording(transport);
      return recorded.transport;
    },
  });
  await vi.waitFor(() => expect(troupe.requestsOf('before')).toHaveLength(1), patience);
  const story = recorded?.story(0) ?? [];
  expect(story.slice(0, story.indexOf('commit') + 1)).toEqual([
    'fence',
    'write the barrier',
    'seek troupe.state 0',
    'resume the state',
    'read the state',
    ...[...offsets].sort().map(([topic, offset]) => `seek ${topic} ${offset}`),
    'resume the inputs',
    'read the inputs',
    'commit',
  ]);
  expect(Math.max(...offsets.values())).toBeGreaterThan(0);
  await heir.coordinator.stop();
});

/** As the newest record says. */
async function offsetsInState(): Promise<ReadonlyMap<string, number>> {
  const records = await readTopic(troupe.connect().transport, state);
  const newest = records.filter(({ key }) => key === 'offsets').at(-1);
  const json: Record<string, string> = JSON.parse(Buffer.from(newest?.value ?? []).toString());
  return new Map(Object.entries(json).map(([topic, offset]) => [topic, Number(offset)]));
}

describe('I10: what compaction and expired tombstones have left of the state', () => {
  test('is all that a take-over needs, also while the cleaner is at work', {
    timeout: 240_000,
  }, async () => {
    const open = Array.from({ length: 5 }, (_, index) => `open-${index}`);
    let holder = await troupe.startCoordinator({ limits });
    for (const id of open) await beginTrip(id);
    await vi.waitFor(() => open.forEach(expectBegun), patience);
    let gone = 0;
    const comeAndGo = async () => {
      const id = `gone-${gone}`;
      gone += 1;
      await beginTrip(id);
      await endTrip(id);
      return id;
    };
    const first = await comeAndGo();
    const forgotten = expect.objectContaining({ type: 'saga-forgotten' });
    await vi.waitFor(() => expect(troupe.lifeOf(first)).toContainEqual(forgotten), patience);

    // Its record, its payloads and their tombstones are seen by who was there, and by nobody who comes later.
    expect(keysOf(troupe.records, first).length).toBeGreaterThan(3);
    await vi.waitFor(async () => {
      await comeAndGo();
      const left = await readTopic(troupe.connect().transport, state);
      expect(keysOf(left, first)).toEqual([]);
      for (const id of open) expect(keysOf(left, id)).toContain(`saga/book-trip/${id}`);
    }, patience);

    for (let takeOver = 1; takeOver <= 3; takeOver += 1) {
      holder.kill();
      const busy = Array.from({ length: 10 }, comeAndGo);
      holder = await troupe.startCoordinator({ limits });
      await Promise.all(busy);
      for (let more = 0; more < 10; more += 1) await comeAndGo();
      await isOneTruth(holder.coordinator, open);
    }
    // The join is asked for with what was kept of its inputs: paid only then, since topics have no order among them.
    for (const id of open) await troupe.publish(new FlightHeld({ id }));
    await vi.waitFor(() => {
      for (const id of open) expect(troupe.requestsOf(id)).toEqual(['troupe.StepRequested pay']);
    }, patience);
    for (const id of open) await troupe.publish(new TripPaid({ id }));
    // Forgotten soon after that, so only its life tells.
    const completed = expect.objectContaining({ type: 'saga-completed' });
    await vi.waitFor(() => {
      for (const id of open) expect(troupe.lifeOf(id)).toContainEqual(completed);
    }, patience);
  });

  /** Live, on the topic as it is now, and folded: the open ones and nothing else. */
  async function isOneTruth(coordinator: Coordinator, open: readonly string[]): Promise<void> {
    await vi.waitFor(async () => {
      const onTopic = stateOnTopic(await readTopic(troupe.connect().transport, state));
      const names = ['before', ...open].map((id) => `book-trip/${id}`).sort();
      expect([...onTopic.sagas.keys()].sort()).toEqual(names);
      for (const id of ['before', ...open]) {
        const folded = troupe.folded(id);
        expect(coordinator.saga('book-trip', id)).toEqual(folded);
        expect(onTopic.sagas.get(`book-trip/${id}`)).toEqual(folded);
        expect(onTopic.payloadsOf).toContain(`book-trip/${id}`);
      }
      expect(coordinator.health().shards).toMatchObject([{ sagas: names.length }]);
    }, patience);
  }
});

/** Of the records of the state that are about a saga. */
function keysOf(records: readonly SeenRecord[], sagaId: string): readonly string[] {
  return records
    .filter(({ topic }) => topic === state)
    .map(({ key }) => key ?? '')
    .filter((key) => key.endsWith(`book-trip/${sagaId}`));
}
