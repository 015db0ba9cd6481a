import { type Transport, TransportError } from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import { bookTrip, TripBooked } from '../installations/trip-saga.ts';

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
});
afterEach(() => troupe.close());

/** The first consumer that is to read other topics cannot join again in time, and has ended then. */
function endsAtTheFirstChange(transport: Transport): Transport {
  let changes = 0;
  return portWith(transport, {
    subscribe: async (subscription) => {
      const consumer = await transport.subscribe(subscription);
      return portWith(consumer, {
        changeTopics: async (topics) => {
          changes += 1;
          if (changes > 1) return consumer.changeTopics(topics);
          await consumer.close();
          throw new TransportError('transport-unavailable', 'the group was not joined in time');
        },
      });
    },
  });
}

test('a consumer that ended while it was to read the topics of a new definition is replaced', async () => {
  const { coordinator } = await troupe.startCoordinator({
    around: endsAtTheFirstChange,
    limits: { takeOverDelayMs: 10 },
  });
  await troupe.define();
  await troupe.publish(new TripBooked({ id: 'later', cents: 500 }));
  await vi.waitFor(() => expect(troupe.phase('later')).toBe('running'), 5_000);
  expect(coordinator.health()).toMatchObject({ live: true, ready: true, problems: [] });
});
