import { type Coordinator, checkpoints } from '@troupe/coordinator';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KafkaInstallation, sessionTimeoutMs } from '../installations/kafka-installation.ts';
import { bookTrip } from '../installations/trip-saga.ts';
import { Trips } from '../installations/trips.ts';
import { startVictim } from '../installations/victim.ts';

/** As many die at a time, one of each number; the last number is the survivor's. */
const victimsMax = 7;
const partitions = victimsMax + 1;

const limits = {
  takeOverDelayMs: 50,
  sessionTimeoutMs,
  recordIntervalMs: 20,
  definitionWaitMs: 50,
};
const patience = { timeout: 60_000, interval: 100 };

let troupe: KafkaInstallation;
let trips: Trips;
let survivor: Coordinator;

beforeAll(async () => {
  troupe = await KafkaInstallation.start(bookTrip, { partitions });
  trips = new Trips(troupe);
  await trips.start();
  ({ coordinator: survivor } = await troupe.startCoordinator({ limits }));
});
afterAll(() => troupe?.close());

const rounds = Array.from({ length: Math.ceil(checkpoints.length / victimsMax) }, (_, round) =>
  checkpoints.slice(round * victimsMax, (round + 1) * victimsMax),
);

describe('I1, I5, I10: coordinators whose wires are cut, on Kafka', { timeout: 120_000 }, () => {
  test.each(rounds.map((round) => [round.join(', '), round] as const))('%s', async (_, round) => {
    const victims = round.map((at) => startVictim(troupe, { at, passage: 1 }, limits));
    await vi.waitFor(async () => {
      await trips.book(partitions);
      await trips.sendStrangers();
      expect(round.filter((_, at) => victims[at]?.isAlive)).toEqual([]);
    }, patience);
    await vi.waitFor(() => {
      expect(survivor.health().shards).toHaveLength(partitions);
      expect(survivor.health().ready).toBe(true);
    }, patience);
    await vi.waitFor(() => trips.expectEnded(), patience);
    await vi.waitFor(() => trips.expectOneTruth([survivor]), patience);
    await vi.waitFor(() => trips.expectNothingTwice(), patience);
  });
});
