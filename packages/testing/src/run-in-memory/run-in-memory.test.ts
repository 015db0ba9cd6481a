import { defineEvent, defineSaga, defineStep, implement, NotDone, t } from '@troupe/core';
import { expect, test } from 'vitest';
import { runInMemory } from './run-in-memory.ts';

const id = t.string().key();
class TripBooked extends defineEvent('trip.TripBooked', { id, cents: t.int() }) {}
class HotelHeld extends defineEvent('trip.HotelHeld', { id, room: t.int() }) {}
class HotelFreed extends defineEvent('trip.HotelFreed', { id, room: t.int().nullable() }) {}
class FlightHeld extends defineEvent('trip.FlightHeld', { id }) {}
class FlightRefused extends defineEvent('trip.FlightRefused', { id, reason: t.string() }) {}
class TripPaid extends defineEvent('trip.TripPaid', { id, cents: t.int() }) {}

const holdHotel = defineStep('hold-hotel', {
  after: TripBooked,
  emits: HotelHeld,
  compensates: HotelFreed,
});
const holdFlight = defineStep('hold-flight', {
  after: TripBooked,
  emits: FlightHeld,
  rejects: FlightRefused,
});
const pay = defineStep('pay', {
  after: { trip: TripBooked, hotel: holdHotel, flight: holdFlight },
  emits: TripPaid,
  pivot: true,
});
const bookTrip = defineSaga('book-trip', {
  version: 1,
  startsOn: TripBooked,
  steps: [holdHotel, holdFlight, pay],
});

const freed: (number | null)[] = [];
const handlers = [
  implement(holdHotel, {
    execute: async ({ id }) => new HotelHeld({ id, room: 7 }),
    compensate: async ({ input, output }) => {
      freed.push(output?.room ?? null);
      return new HotelFreed({ id: input.id, room: output?.room ?? null });
    },
  }),
  implement(holdFlight, {
    execute: async ({ id, cents }) => {
      if (cents === 0) throw new NotDone('the airline has no such flight');
      return cents < 100 ? new FlightRefused({ id, reason: 'too cheap' }) : new FlightHeld({ id });
    },
  }),
  implement(pay, {
    execute: async ({ trip, hotel }) =>
      new TripPaid({ id: trip.id, cents: trip.cents + hotel.room }),
  }),
];

test('a join gets the inputs of all its dependencies, and the saga completes', async () => {
  const trips = runInMemory({ sagas: [bookTrip], handlers });
  const story = await trips.run(new TripBooked({ id: 't-1', cents: 500 }));
  expect(story.outcome).toBe('completed');
  expect(story.events.at(-1)).toEqual(new TripPaid({ id: 't-1', cents: 507 }));
  await trips.stop();
});

test('a refusal is undone with the input and the output of what had succeeded', async () => {
  const trips = runInMemory({ sagas: [bookTrip], handlers });
  freed.length = 0;
  const story = await trips.run(new TripBooked({ id: 't-2', cents: 50 }));
  expect(String(story)).toMatch(/^compensated: TripBooked -> .*FlightRefused \(too cheap\)/);
  expect(freed).toEqual([7]);
  await trips.stop();
});

test('a technical failure is undone too', async () => {
  const trips = runInMemory({ sagas: [bookTrip], handlers });
  freed.length = 0;
  const story = await trips.run(new TripBooked({ id: 't-3', cents: 0 }));
  expect(story.outcome).toBe('compensated');
  expect(freed).toEqual([7]);
  await trips.stop();
});

test('a hundred sagas at a time keep apart', async () => {
  const trips = runInMemory({ sagas: [bookTrip], handlers });
  const ids = Array.from({ length: 100 }, (_, index) => index);
  const stories = await Promise.all(
    ids.map((index) => trips.run(new TripBooked({ id: `n-${index}`, cents: 50 + index }))),
  );
  const outcomes = stories.map(({ outcome }) => outcome);
  expect(outcomes).toEqual(ids.map((index) => (index < 50 ? 'compensated' : 'completed')));
  await trips.stop();
});
