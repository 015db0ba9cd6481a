import type { IncomingRecord, PartitionReader, Transport } from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import { bookTrip, HotelHeld, TripBooked } from '../installations/trip-saga.ts';

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
  await troupe.define();
});
afterEach(() => troupe.close());

/** As a transport delivers the records of a topic with `CreateTime`. */
const byProducers = (isSo: (record: IncomingRecord) => boolean) => (transport: Transport) =>
  portWith(transport, {
    subscribe: (subscription) =>
      transport.subscribe({
        ...subscription,
        onAssigned: (claim): PartitionReader => {
          const reader = subscription.onAssigned(claim);
          return portWith(reader, {
            onRecords: (records) =>
              reader.onRecords(
                records.map((one) => (isSo(one) ? { ...one, byProducersClock: true } : one)),
              ),
          });
        },
      }),
  });

test('rule 11: a topic by its producers clocks is told of, until its records are by the brokers', async () => {
  let isWrong = true;
  const { coordinator } = await troupe.startCoordinator({
    around: byProducers(({ topic }) => isWrong && topic === 'trip'),
  });
  await troupe.publish(new TripBooked({ id: 'trip', cents: 500 }));
  await troupe.publish(new HotelHeld({ id: 'trip' }));
  await vi.waitFor(() => expect(troupe.folded('trip')?.steps).toHaveProperty('hold-hotel'), 5_000);
  expect(coordinator.health()).toMatchObject({
    ready: true,
    problems: [
      {
        code: 'topic-time',
        subject: 'trip',
        message: expect.stringContaining('set message.timestamp.type=LogAppendTime'),
      },
    ],
  });
  isWrong = false;
  // Of the same partition.
  await troupe.publish(new TripBooked({ id: 'trip', cents: 500 }), { id: 'again' });
  await vi.waitFor(() => expect(coordinator.health().problems).toEqual([]), 5_000);
});
