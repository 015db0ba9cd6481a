import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { internalTopics } from '@troupe/core/internal';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KafkaInstallation, sessionTimeoutMs } from '../installations/kafka-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  TripBooked,
  TripPaid,
} from '../installations/trip-saga.ts';
import { readTopic } from './read-topic.ts';

const limits = { sessionTimeoutMs, takeOverDelayMs: 50 };
const patience = { timeout: 60_000, interval: 20 };

let troupe: KafkaInstallation;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-zombie-'));
  troupe = await KafkaInstallation.start(bookTrip, { partitions: 2 });
  await troupe.define();
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
      const heir = await troupe.startCoordinator({ limits });
      const request = ['troupe.StepRequested pay'];
      await vi.waitFor(() => expect(troupe.requestsOf(id)).toEqual(request), patience);

      zombie.resume();
      await says(refusal);
      await troupe.publish(new TripPaid({ id }));
      await vi.waitFor(() => expect(troupe.phase(id)).toBe('completed'), patience);
      // Its request is in the log, below what all have read by now, and nobody has seen it.
      expect(await requestsWritten(id)).toBe(2);
      expect(troupe.requestsOf(id)).toEqual(request);
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
