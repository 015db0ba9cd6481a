import { implement, type StepContext } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import { BookingBook } from './booking-book.ts';
import {
  announceTour,
  bookVenue,
  CrewDismissed,
  CrewHired,
  hireCrew,
  rentTruck,
  TourAnnounced,
  TourUnwanted,
  TruckRented,
  TruckReturned,
  VenueBooked,
  VenueCancelled,
} from './tour-saga.ts';

export function tourHandlers(inbox: SqliteInbox) {
  const book = <Outcome extends VenueBooked | CrewHired | TruckRented>(
    ctx: StepContext,
    what: string,
    outcome: (bookingId: string) => Outcome,
  ) =>
    ctx.transaction(inbox, (database) =>
      outcome(BookingBook.in(database).add(ctx.sagaId, what, 1)),
    );
  const cancel = <Outcome extends VenueCancelled | CrewDismissed | TruckReturned>(
    ctx: StepContext,
    what: string,
    outcome: Outcome,
  ) =>
    ctx.transaction(inbox, (database) => {
      BookingBook.in(database).add(ctx.sagaId, what, -1);
      return outcome;
    });
  return [
    implement(bookVenue, {
      execute: ({ tourId }, ctx) =>
        book(ctx, 'venue', (bookingId) => new VenueBooked({ tourId, bookingId })),
      compensate: ({ input: { tourId } }, ctx) =>
        cancel(ctx, 'venue', new VenueCancelled({ tourId })),
    }),
    implement(hireCrew, {
      execute: ({ tourId }, ctx) =>
        book(ctx, 'crew', (bookingId) => new CrewHired({ tourId, bookingId })),
      compensate: ({ input: { tourId } }, ctx) =>
        cancel(ctx, 'crew', new CrewDismissed({ tourId })),
    }),
    implement(rentTruck, {
      execute: ({ tourId }, ctx) =>
        book(ctx, 'truck', (bookingId) => new TruckRented({ tourId, bookingId })),
      compensate: ({ input: { tourId } }, ctx) =>
        cancel(ctx, 'truck', new TruckReturned({ tourId })),
    }),
    implement(announceTour, {
      execute: async ({ plan: { tourId, isPopular } }) =>
        isPopular ? new TourAnnounced({ tourId }) : new TourUnwanted({ tourId }),
    }),
  ];
}
