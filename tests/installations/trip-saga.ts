import { defineEvent, defineSaga, defineStep, implement, t } from '@troupe/core';
import type { ObservedInstallation } from './observed-installation.ts';

/** A saga with all that a coordinator does: a join, a rejection, compensations, a pivot. */
const id = t.string().key();
export class TripBooked extends defineEvent('trip.TripBooked', { id, cents: t.int() }) {}
export class HotelHeld extends defineEvent('trip.hotel.HotelHeld', { id }) {}
export class HotelFreed extends defineEvent('trip.hotel.HotelFreed', { id }) {}
export class FlightHeld extends defineEvent('trip.flight.FlightHeld', { id }) {}
export class FlightRefused extends defineEvent('trip.flight.FlightRefused', { id }) {}
export class FlightFreed extends defineEvent('trip.flight.FlightFreed', { id }) {}
export class TripPaid extends defineEvent('trip.TripPaid', { id }) {}

export const holdHotel = defineStep('hold-hotel', {
  after: TripBooked,
  emits: HotelHeld,
  compensates: HotelFreed,
  timeoutMs: 60_000,
});
export const holdFlight = defineStep('hold-flight', {
  after: TripBooked,
  emits: FlightHeld,
  rejects: FlightRefused,
  compensates: FlightFreed,
  timeoutMs: 60_000,
});
export const pay = defineStep('pay', {
  after: { trip: TripBooked, hotel: holdHotel, flight: holdFlight },
  emits: TripPaid,
  pivot: true,
  timeoutMs: 60_000,
});
export const bookTrip = defineSaga('book-trip', {
  version: 1,
  startsOn: TripBooked,
  steps: [holdHotel, holdFlight, pay],
});

/** Who held and freed what: how often, so that a doubled effect shows. */
export class TripBooks {
  readonly hotels = new Map<string, number>();
  readonly paid = new Map<string, number>();

  add(book: Map<string, number>, trip: string, by: number): void {
    book.set(trip, (book.get(trip) ?? 0) + by);
  }
}

export const hotelHandler = (books: TripBooks) =>
  implement(holdHotel, {
    execute: async ({ id }) => {
      books.add(books.hotels, id, 1);
      return new HotelHeld({ id });
    },
    compensate: async ({ input }) => {
      books.add(books.hotels, input.id, -1);
      return new HotelFreed({ id: input.id });
    },
  });

/** Refuses what costs less than 100. */
const flightHandler = () =>
  implement(holdFlight, {
    execute: async ({ id, cents }) =>
      cents < 100 ? new FlightRefused({ id }) : new FlightHeld({ id }),
    compensate: async ({ input }) => new FlightFreed({ id: input.id }),
  });

export const payHandler = (books: TripBooks) =>
  implement(pay, {
    execute: async ({ trip }) => {
      books.add(books.paid, trip.id, 1);
      return new TripPaid({ id: trip.id });
    },
  });

/** Every service that takes part in it. */
export async function startTripServices(
  troupe: ObservedInstallation,
  books: TripBooks,
): Promise<void> {
  await troupe.startService('hotel', [hotelHandler(books)]);
  await troupe.startService('flight', [flightHandler()]);
  await troupe.startService('till', [payHandler(books)]);
}
