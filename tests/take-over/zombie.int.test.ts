import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { implement } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KafkaInstallation, sessionTimeoutMs } from '../installations/kafka-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  pay,
  TripBooked,
  TripPaid,
} from '../installations/trip-saga.ts';
import { readTopic } from './read-topic.ts';

const limits = { sessionTimeoutMs, takeOverDelayMs: 50 };
const patience = { timeout: 60_000, interval: 20 };

let troupe: KafkaInstallation;
let folder: string;
/** The trips that the till was asked to take the money of, as often as it was. */
const asked: string[] = [];
/** By trip: it may answer. */
const mayPay = new Map<string, PromiseWithResolvers<void>>();
const till = implement(pay, {
  execute: async ({ trip: { id } }) => {
    asked.push(id);
    await mayPay.get(id)?.promise;
    return new TripPaid({ id });
  },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-zombie-'));
  troupe = await KafkaInstallation.start(bookTrip, { partitions: 2 });
  await troupe.startService('till', [till]);
});
afterAll(async () => {
  await troupe?.close();
  await rm(folder, { recursive: true, force: true });
});

async function startZombie(asleep: 'process' | 'machine'): Promise<ServerProcess> {
  const own = await mkdtemp(join(folder, 'zombie-'));
  return startServerProcess({
    name: 'the zombie',
    command: process.execPath,
    args: [join(import.meta.dirname, 'zombie-coordinator.ts')],
    env: { KAFKA_BROKERS: troupe.kafka.bootstrapServers, ASLEEP: asleep },
    folder: own,
    removedAfterCrash: folder,
    isReady: (log) => log.includes('takes part'),
  });
}

describe('I5: a coordinator that sleeps in the middle of a transaction until another has its partition', () => {
  test.each([
    ['process', /^refused: (producer-fenced|stopped)$/m],
    // Nothing tells it that time has passed: it goes on to the end of its transaction.
    ['machine', /^the broker says (47|90)\nrefused: producer-fenced$/m],
  ] as const)(
    'its %s asleep: its transaction is refused, and no participant ever sees its request',
    { timeout: 120_000 },
    async (asleep, refusal) => {
      const id = `${asleep}-asleep`;
      mayPay.set(id, Promise.withResolvers<void>());
      const zombie = await startZombie(asleep);
      const says = async (words: string | RegExp) => {
        await vi.waitFor(async () => {
          expect(await readFile(zombie.logFile, 'utf8')).toMatch(words);
        }, patience);
      };
      await troupe.publish(new TripBooked({ id, cents: 500 }));
      await vi.waitFor(() => expect(troupe.lifeOf(id)).toHaveLength(1), patience);
      await troupe.publish(new HotelHeld({ id }));
      await vi.waitFor(() => expect(troupe.lifeOf(id)).toHaveLength(2), patience);
      await troupe.publish(new FlightHeld({ id }));
      await says('falls asleep');
      expect(await requestsWritten(id)).toBe(1);
      expect(asked).not.toContain(id);
      const heir = await troupe.startCoordinator({ limits });
      const request = ['troupe.StepRequested pay'];
      await vi.waitFor(() => expect(troupe.requestsOf(id)).toEqual(request), patience);
      await vi.waitFor(() => expect(asked).toContain(id), patience);

      zombie.resume();
      await says(refusal);
      mayPay.get(id)?.resolve();
      await vi.waitFor(() => expect(troupe.phase(id)).toBe('completed'), patience);
      // Its request is in the log, below what all have read by now, and nobody has seen it.
      expect(await requestsWritten(id)).toBe(2);
      expect(troupe.requestsOf(id)).toEqual(request);
      expect(asked.filter((trip) => trip === id)).toHaveLength(1);
      expect(troupe.lifeOf(id).map(({ type }) => type)).toEqual([
        'saga-started',
        'step-succeeded',
        'step-succeeded',
        'step-requested',
        'step-succeeded',
        'saga-completed',
      ]);
      await zombie.kill();
      await heir.coordinator.stop();
    },
  );
});

/** Of a saga, also those that were never committed. */
async function requestsWritten(sagaId: string): Promise<number> {
  const { transport } = troupe.connect();
  const written = await readTopic(transport, internalTopics.requests, 'read-uncommitted');
  return written.filter(({ key }) => key === sagaId).length;
}
