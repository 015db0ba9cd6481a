import type { Event } from '@troupe/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  TripBooked,
  TripPaid,
} from '../installations/trip-saga.ts';
import { RecordedSpans } from './recorded-spans.ts';

const spans = new RecordedSpans();
let troupe: MemoryInstallation;
beforeAll(() => spans.start());
afterAll(() => spans.stop());
beforeEach(async () => {
  spans.clear();
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
  await troupe.startService('till', []);
  await troupe.startCoordinator();
});
afterEach(() => troupe.close());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanIds = { start: '00000000000000a1', outcome: '00000000000000b2' };

async function send(event: Event, step: string | undefined, spanId: string): Promise<void> {
  await troupe.publish(event, { step, headers: { traceparent: `00-${traceId}-${spanId}-01` } });
}

it('the span of a saga is below its start, also when an outcome came before it', async () => {
  const id = 't';
  await send(new HotelHeld({ id }), 'hold-hotel', spanIds.outcome);
  await vi.waitFor(() => expect(troupe.phase(id)).toBe('awaited'), 5_000);
  await send(new TripBooked({ id, cents: 1 }), undefined, spanIds.start);
  await send(new FlightHeld({ id }), 'hold-flight', spanIds.outcome);
  await send(new TripPaid({ id }), 'pay', spanIds.outcome);
  await vi.waitFor(() => expect(troupe.phase(id)).toBe('completed'), 5_000);
  await vi.waitFor(() => expect(spans.named('saga book-trip')).toHaveLength(1), 5_000);
  const [saga] = spans.named('saga book-trip');
  expect(saga?.parentSpanContext).toMatchObject({ traceId, spanId: spanIds.start });
});
