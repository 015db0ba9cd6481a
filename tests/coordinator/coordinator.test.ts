import type { CheckpointHook } from '@troupe/coordinator';
import { type Transport, toGraph } from '@troupe/core';
import { internalTopics, partitionOf } from '@troupe/core/internal';
import { ManualClock } from '@troupe/testing';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  hotelHandler,
  payHandler,
  startTripServices,
  TripBooked,
  TripBooks,
} from '../installations/trip-saga.ts';

let troupe: MemoryInstallation;
let books: TripBooks;

beforeEach(async () => {
  books = new TripBooks();
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
});
afterEach(() => troupe.close());

const isOver = (trip: string) => () => {
  expect(troupe.phase(trip)).toMatch(/^(completed|compensated)$/);
};

const allOver = (trips: readonly string[]) => () => {
  for (const trip of trips) isOver(trip)();
};

describe('a coordinator that is killed and started again', () => {
  test('ends every saga as its data says, and its state is the fold of troupe.sagas (I1, I10)', async () => {
    await startTripServices(troupe, books);
    // Most sagas are packed at any time.
    const limits = { liveSagasMax: 7 };
    let { coordinator, kill } = await troupe.startCoordinator({ limits });
    const trips = Array.from({ length: 200 }, (_, index) => ({ id: `t-${index}`, cents: index }));
    for (const [index, trip] of trips.entries()) {
      await troupe.publish(new TripBooked(trip));
      if (index % 50 === 25) {
        kill();
        ({ coordinator, kill } = await troupe.startCoordinator({ limits }));
      }
    }
    await vi.waitFor(allOver(trips.map(({ id }) => id)), 20_000);
    for (const { id, cents } of trips) {
      const completed = cents >= 100;
      expect([id, troupe.phase(id)]).toEqual([id, completed ? 'completed' : 'compensated']);
      expect(books.hotels.get(id)).toBe(completed ? 1 : 0);
      expect(books.paid.get(id)).toBe(completed ? 1 : undefined);
      expect(troupe.folded(id)).toEqual(coordinator.saga('book-trip', id));
    }
  });

  test('loses nothing to a second one that joins and leaves', async () => {
    await startTripServices(troupe, books);
    const { coordinator } = await troupe.startCoordinator();
    const trips = Array.from({ length: 60 }, (_, index) => `t-${index}`);
    for (const [index, id] of trips.entries()) {
      await troupe.publish(new TripBooked({ id, cents: index * 4 }));
      if (index === 20) {
        const second = await troupe.startCoordinator();
        await vi.waitFor(() => expect(second.coordinator.health().ready).toBe(true));
        expect(second.coordinator.health().shards.length).toBeGreaterThan(0);
        expect(coordinator.health().shards.length).toBeLessThan(troupe.partitions);
        await second.coordinator.stop();
      }
    }
    await vi.waitFor(allOver(trips), 10_000);
    for (const [index, id] of trips.entries()) {
      expect(troupe.phase(id)).toBe(index * 4 < 100 ? 'compensated' : 'completed');
    }
  });
});

test('I8: a coordinator whose commit hangs takes in no more than it may hold, and the rest later', async () => {
  await troupe.define();
  let isHung = false;
  const free = Promise.withResolvers<void>();
  const checkpoint: CheckpointHook = async (at) => {
    if (isHung && at === 'before commit') await free.promise;
  };
  let taken = 0;
  const counted = (transport: Transport) =>
    portWith(transport, {
      subscribe: (subscription) =>
        transport.subscribe({
          ...subscription,
          onAssigned: (claim) => {
            const reader = subscription.onAssigned(claim);
            return portWith(reader, {
              onRecords: (records) => {
                taken += records.filter(({ topic }) => topic === 'trip').length;
                reader.onRecords(records);
              },
            });
          },
        }),
    });
  const limits = { commitRecordsMax: 10, bufferedRecordsMax: 20 };
  const { coordinator } = await troupe.startCoordinator({ around: counted, checkpoint, limits });
  await vi.waitFor(() => expect(coordinator.health().ready).toBe(true), 5_000);
  isHung = true;
  const trips = Array.from({ length: 600 }, (_, index) => `t-${index}`)
    .filter((id) => partitionOf(id, troupe.partitions) === 0)
    .slice(0, 150);
  for (const id of trips) await troupe.publish(new TripBooked({ id, cents: 500 }));
  const seen = () => troupe.records.filter(({ topic }) => topic === 'trip').length;
  await vi.waitFor(() => expect(seen()).toBe(150), 5_000);
  // A batch that is being committed, a full one, those that may wait, and what came with the one too many.
  expect(taken).toBeGreaterThan(20);
  expect(taken).toBeLessThan(60);
  free.resolve();
  const begun = () => trips.filter((id) => troupe.phase(id) === 'running');
  await vi.waitFor(() => expect(begun()).toEqual(trips), 5_000);
  expect(taken).toBe(150);
});

test('a payload is written once, and taken back once, when its saga has ended', async () => {
  await startTripServices(troupe, books);
  await troupe.startCoordinator();
  const trips = Array.from({ length: 20 }, (_, index) => ({ id: `t-${index}`, cents: index * 10 }));
  for (const trip of trips) {
    await troupe.publish(new TripBooked(trip));
    await troupe.publish(new TripBooked(trip));
  }
  await vi.waitFor(allOver(trips.map(({ id }) => id)), 10_000);
  const payloads = () =>
    Map.groupBy(
      troupe.records.filter(
        ({ topic, key }) => topic === internalTopics.state && key?.startsWith('payload/'),
      ),
      ({ key }) => key,
    );
  const onceEach = () => {
    for (const [key, writes] of payloads()) {
      expect([key, writes.map(({ value }) => value !== null)]).toEqual([key, [true, false]]);
    }
  };
  await vi.waitFor(onceEach, 5_000);
  // An ended saga changes once more.
  const deviation = expect.objectContaining({ type: 'deviation-seen' });
  for (const trip of trips) {
    await troupe.publish(new TripBooked(trip), { id: `another ${trip.id}` });
  }
  await vi.waitFor(() => {
    for (const { id } of trips) expect(troupe.lifeOf(id)).toContainEqual(deviation);
  }, 5_000);
  onceEach();
  for (const { id } of trips) {
    const ofTrip = [...payloads().keys()].filter((key) => key?.endsWith(`/${id}`));
    // What was booked, and that the hotel is held.
    expect(ofTrip.length).toBeGreaterThanOrEqual(2);
  }
});

describe('what foreign producers write', () => {
  test('an event on the wrong partition reaches its saga, and is counted', async () => {
    await troupe.startService('till', [payHandler(books)]);
    const { coordinator } = await troupe.startCoordinator();
    await troupe.publish(new TripBooked({ id: 'astray', cents: 500 }));
    const wrong = (partitionOf('astray', troupe.partitions) + 1) % troupe.partitions;
    await troupe.publish(new HotelHeld({ id: 'astray' }), { partition: wrong, step: 'hold-hotel' });
    await troupe.publish(new FlightHeld({ id: 'astray' }), { step: 'hold-flight' });
    await vi.waitFor(isOver('astray'), 5_000);
    expect(troupe.phase('astray')).toBe('completed');
    const { shards } = coordinator.health();
    const counted = shards.filter(({ misplaced }) => misplaced > 0);
    expect(counted).toMatchObject([{ partition: wrong, misplaced: 1 }]);
  });

  test('garbage harms nobody, and what claims to be of a saga becomes a dead letter', async () => {
    await startTripServices(troupe, books);
    await troupe.startCoordinator({ limits: { definitionWaitMs: 1 } });
    const value = Buffer.from('garbage');
    const big = 'x'.repeat(10_000);
    await troupe.send(
      { topic: 'trip', key: 'g', value, headers: {} },
      { topic: 'trip', key: 'g', value, headers: { ce_id: big, ce_type: 'trip.TripBooked' } },
      {
        topic: 'trip',
        key: 'g',
        value,
        headers: { ce_id: '1', ce_type: 't', ce_saga: 'nonsense' },
      },
      {
        topic: 'troupe.outcomes',
        key: 'g',
        value,
        headers: {
          ce_id: '2',
          ce_type: 'troupe.StepFailed',
          ce_saga: `book-trip@1#${toGraph(bookTrip).hash}`,
        },
      },
      {
        topic: 'trip',
        key: 'g',
        value,
        headers: { ce_id: '3', ce_type: 'trip.TripBooked', ce_saga: 'book-trip@9#deadbeef' },
      },
    );
    await troupe.publish(new TripBooked({ id: 'after-garbage', cents: 500 }));
    await vi.waitFor(isOver('after-garbage'), 5_000);
    const codes = () =>
      troupe.records
        .filter(({ topic }) => topic === 'troupe-coordinator.dead-letter')
        .map(({ headers }) => headers['troupe_dead_letter_code']);
    await vi.waitFor(() => {
      expect(codes().sort()).toEqual(['definition-unknown', 'header-invalid', 'poison-message']);
    }, 5_000);
  });
});

describe('time limits', () => {
  let clock: ManualClock;

  beforeEach(async () => {
    await troupe.close();
    clock = new ManualClock();
    troupe = new MemoryInstallation(bookTrip, clock);
    await troupe.open();
  });

  /** Lets time pass in small steps, so that everybody can do what they do, until `condition` holds. */
  async function until(condition: () => void, stepMs = 100): Promise<void> {
    await vi.waitFor(() => {
      clock.advance(stepMs);
      condition();
    }, 10_000);
  }

  test('a step that nobody answers times out, and what succeeded is undone', async () => {
    const starting = troupe.startService('hotel', [hotelHandler(books)]);
    await untilDone(starting);
    await untilDone(troupe.startCoordinator());
    const publishing = troupe.publish(new TripBooked({ id: 'slow', cents: 500 }));
    await untilDone(publishing);
    await until(() => expect(books.hotels.get('slow')).toBe(1));
    clock.advance(60_000);
    await until(() => expect(books.hotels.get('slow')).toBe(0));
    // Nobody answers for the flight either way, so the saga is not over, and says why.
    const types = troupe.lifeOf('slow').map(({ type }) => type);
    expect(types).toContain('step-timed-out');
    expect(types).not.toContain('saga-compensated');
  });

  test('a coordinator that was down for longer than every limit sees no false time-out', async () => {
    await untilDone(startTripServices(troupe, books));
    const { kill } = await untilDone(troupe.startCoordinator());
    await untilDone(troupe.publish(new TripBooked({ id: 'early', cents: 500 })));
    await until(() => expect(troupe.lifeOf('early')).not.toEqual([]));
    kill();
    await untilDone(troupe.publish(new TripBooked({ id: 'meanwhile', cents: 500 })));
    await until(() => expect(books.hotels.get('meanwhile')).toBe(1));
    clock.advance(10 * 60_000);
    await untilDone(troupe.startCoordinator());
    await until(() => expect(troupe.phase('meanwhile')).toBe('completed'), 5);
    await until(() => expect(troupe.phase('early')).toBe('completed'), 5);
  });

  async function untilDone<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    await until(() => expect(settled).toBe(true), 5);
    return done;
  }
});
