import { type Checkpoint, checkpoints } from '@troupe/coordinator';
import { internalTopics } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Installation } from './installation.ts';
import {
  bookTrip,
  flightHandler,
  hotelHandler,
  payHandler,
  TripBooked,
  TripBooks,
} from './trip-saga.ts';

let troupe: Installation;
let books: TripBooks;

beforeEach(async () => {
  books = new TripBooks();
  troupe = new Installation(bookTrip);
  await troupe.open();
  await troupe.startService('hotel', [hotelHandler(books)]);
  await troupe.startService('flight', [flightHandler()]);
  await troupe.startService('till', [payHandler(books)]);
});
afterEach(() => troupe.close());

/** One event's definition never comes: it waits over a commit or two. */
const soon = { definitionWaitMs: 100 };
/** Where time has to pass, ended sagas are forgotten soon; elsewhere they stay, to be compared. */
const limitsFor = (checkpoint: Checkpoint) =>
  checkpoint === 'time-due' || checkpoint === 'ends-known'
    ? { ...soon, saga: { endedRetentionMs: 200 } }
    : soon;
const trips = Array.from({ length: 30 }, (_, index) => ({ id: `t-${index}`, cents: index * 7 }));
const unknown = {
  ce_id: 'unknown',
  ce_type: 'trip.TripBooked',
  ce_saga: 'other@1#deadbeefdeadbeef',
};

/**
 * Kills the first coordinator at its `hit`th passage of a checkpoint, `turns` turns of the event loop later, while
 * orders flow and a second coordinator joins, which has to bring everything to its end.
 */
async function killAt(checkpoint: Checkpoint, hit: number, turns = 0) {
  let hits = 0;
  const limits = limitsFor(checkpoint);
  const killed = Promise.withResolvers<void>();
  const first = troupe.makeCoordinator({
    limits,
    checkpoint: async (at) => {
      if (at !== checkpoint || ++hits !== hit) return;
      for (let turn = 0; turn < turns; turn += 1) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      first.kill();
      killed.resolve();
      // A killed process goes no further.
      await new Promise<never>(() => undefined);
    },
  });
  // Killed at the start, it rejects or never answers.
  first.coordinator.start().catch(() => undefined);
  for (const trip of trips.slice(0, 15)) await troupe.publish(new TripBooked(trip));
  await troupe.send({ topic: 'trip', key: 'u', value: null, headers: unknown });
  await vi.waitFor(() => expect(troupe.lives.size + hits).toBeGreaterThan(0), 5_000);
  const { coordinator } = await troupe.startCoordinator({ limits });
  for (const trip of trips.slice(15)) await troupe.publish(new TripBooked(trip));
  await killed.promise;
  return coordinator;
}

const kills: readonly (readonly [Checkpoint, number, number])[] = [
  ...checkpoints.map((checkpoint) => [checkpoint, 1, 0] as const),
  ...[2, 3, 5].flatMap((hit) => [
    ['before-commit', hit, 0] as const,
    ['committed', hit, 0] as const,
    ...[0, 1, 2, 3].map((turns) => ['commit-under-way', hit, turns] as const),
  ]),
];

describe('I1, I5, I10: a coordinator that is killed', () => {
  test.each(kills)('at %s, passage %d, %d turns later', async (checkpoint, hit, turns) => {
    const rescuer = await killAt(checkpoint, hit, turns);
    await vi.waitFor(() => {
      for (const { id } of trips) expect(endsOf(id)).toEqual([expect.any(String)]);
    }, 20_000);
    for (const { id, cents } of trips) {
      const completed = cents >= 100;
      expect([id, ...endsOf(id)]).toEqual([id, completed ? 'saga-completed' : 'saga-compensated']);
      expect(books.hotels.get(id)).toBe(completed ? 1 : 0);
      expect(books.paid.get(id)).toBe(completed ? 1 : undefined);
    }
    await vi.waitFor(() => {
      expect(rescuer.health().ready).toBe(true);
      for (const { id } of trips) {
        expect(rescuer.saga('book-trip', id)).toEqual(troupe.folded(id));
      }
    }, 5_000);
    expect(idsOf(internalTopics.sagas)).toEqual([...new Set(idsOf(internalTopics.sagas))]);
    expect(idsOf(internalTopics.requests)).toEqual([...new Set(idsOf(internalTopics.requests))]);
    await vi.waitFor(() => {
      expect(troupe.deadLetters.map(([code]) => code)).toEqual(['definition-unknown']);
    }, 5_000);
  });
});

const endsOf = (id: string) =>
  (troupe.lives.get(id) ?? [])
    .map(({ type }) => type)
    .filter((type) => type === 'saga-completed' || type === 'saga-compensated');

/** What readers see of a topic: `ce_id`s, of which each is there once. */
const idsOf = (topic: string) =>
  troupe.records
    .filter((record) => record.topic === topic)
    .map(({ headers }) => Buffer.from(headers['ce_id'] ?? []).toString());
