import { setImmediate as nextTurn } from 'node:timers/promises';
import { type OutgoingRecord, TransportError } from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import { bookTrip, HotelHeld, TripBooked } from '../installations/trip-saga.ts';

const limits = { offsetsIntervalMs: 10, recordIntervalMs: 10 };
const inputs = ['trip', 'trip.hotel', 'trip.flight'];

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
  await troupe.define();
});
afterEach(() => troupe.close());

const partitions = () =>
  inputs.flatMap((topic) =>
    Array.from({ length: troupe.partitions }, (_, number) => troupe.log.partition(topic, number)),
  );

/** As the broker does when all of it is older than the retention. */
function deleteAll(): void {
  for (const partition of partitions()) partition.deleteBefore(partition.end);
}

async function expectAllToBeFolded(): Promise<void> {
  const group = troupe.log.group('troupe-coordinator');
  await vi.waitFor(() => {
    for (const { topic, number, end } of partitions()) {
      if (end > 0)
        expect([topic, number, group.committed(topic, number)]).toEqual([topic, number, end]);
    }
  }, 5_000);
}

test('I7: markers and aborted records at the end of a topic count as folded, and may be deleted', async () => {
  const first = await troupe.startCoordinator({ limits });
  const { transport } = troupe.connect();
  const foreign = await transport.openTransactionalProducer('foreign');
  await foreign.commit([await troupe.recordOf(new TripBooked({ id: 'trip', cents: 500 }))]);
  await vi.waitFor(() => expect(troupe.phase('trip')).toBe('running'), 5_000);
  abort(await troupe.recordOf(new HotelHeld({ id: 'trip' })));
  await expectAllToBeFolded();
  await first.coordinator.stop();
  deleteAll();
  const { coordinator } = await troupe.startCoordinator({ limits });
  await vi.waitFor(() => expect(coordinator.health().ready).toBe(true), 5_000);
  expect(coordinator.saga('book-trip', 'trip')?.phase).toBe('running');
  await foreign.close();
});

test('I7: they do not count before what lies below them is folded', async () => {
  const [arrived, never] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const unheard = new Set<string>();
  const first = await troupe.startCoordinator({
    limits: { ...limits, commitRecordsMax: 1 },
    around: (transport) =>
      portWith(transport, {
        openTransactionalProducer: async (id) => {
          const producer = await transport.openTransactionalProducer(id);
          let commits = 0;
          return portWith(producer, {
            commit: async (records) => {
              commits += 1;
              // After its barrier: one that waits until all has arrived, one more, and nothing of the others.
              if (commits === 2) await arrived.promise;
              if (commits > 3) {
                unheard.add(id);
                await never.promise;
              }
              await producer.commit(records);
            },
          });
        },
      }),
  });
  await vi.waitFor(() => expect(first.coordinator.health().ready).toBe(true), 5_000);
  const ids = Array.from({ length: 24 }, (_, index) => `trip-${index}`);
  for (const id of ids) await troupe.publish(new TripBooked({ id, cents: 500 }));
  for (const { topic, number } of partitions()) {
    if (topic === 'trip') abort({ topic, partition: number, key: 'k', value: null, headers: {} });
  }
  await settled();
  arrived.resolve();
  await vi.waitFor(() => expect(unheard.size).toBe(troupe.partitions), 5_000);
  await settled();
  first.kill();
  never.reject(new TransportError('transport-failed', 'killed'));
  await troupe.startCoordinator({ limits });
  await vi.waitFor(() => {
    expect(ids.map((id) => troupe.phase(id))).toEqual(ids.map(() => 'running'));
  }, 5_000);
  await expectAllToBeFolded();
});

/** Aborted, so that nobody reads it: what is left of it is its marker. */
function abort(record: OutgoingRecord): void {
  const epoch = troupe.log.openTransactionalId('aborting');
  troupe.log.beginTransaction('aborting', epoch, [record], 60_000);
  troupe.log.openTransactionalId('aborting');
}

/** Whatever is on its way has arrived. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await nextTurn();
}
