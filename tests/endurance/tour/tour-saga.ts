import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

// A tour of the troupe: three steps that can be undone, one after the other, and then the point of no return. The shop has
// no two that follow each other: only here is there an order in which to undo.

const tourId = t.string().key();
const booking = { tourId, bookingId: t.string() };

export class TourPlanned extends defineEvent('tour.TourPlanned', {
  tourId,
  isPopular: t.boolean(),
}) {}
export class VenueBooked extends defineEvent('tour.VenueBooked', booking) {}
export class VenueCancelled extends defineEvent('tour.VenueCancelled', { tourId }) {}
export class CrewHired extends defineEvent('tour.CrewHired', booking) {}
export class CrewDismissed extends defineEvent('tour.CrewDismissed', { tourId }) {}
export class TruckRented extends defineEvent('tour.TruckRented', booking) {}
export class TruckReturned extends defineEvent('tour.TruckReturned', { tourId }) {}
export class TourAnnounced extends defineEvent('tour.TourAnnounced', { tourId }) {}
export class TourUnwanted extends defineEvent('tour.TourUnwanted', { tourId }) {}

export const bookVenue = defineStep('book-venue', {
  after: TourPlanned,
  emits: VenueBooked,
  compensates: VenueCancelled,
});
export const hireCrew = defineStep('hire-crew', {
  after: bookVenue,
  emits: CrewHired,
  compensates: CrewDismissed,
});
export const rentTruck = defineStep('rent-truck', {
  after: hireCrew,
  emits: TruckRented,
  compensates: TruckReturned,
});
export const announceTour = defineStep('announce-tour', {
  after: { plan: TourPlanned, truck: rentTruck },
  emits: TourAnnounced,
  rejects: TourUnwanted,
  pivot: true,
});

export const goOnTour = defineSaga('go-on-tour', {
  version: 1,
  startsOn: TourPlanned,
  steps: [bookVenue, hireCrew, rentTruck, announceTour],
});
