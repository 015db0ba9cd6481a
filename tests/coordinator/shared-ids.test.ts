import { type Event, eventClassOf, eventKeyOf } from '@troupe/core';
import { CompensationRequested, headerNames, StepRequested } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import {
  bookTrip,
  FlightHeld,
  FlightRefused,
  HotelFreed,
  HotelHeld,
  TripBooked,
} from '../installations/trip-saga.ts';

/** Ids are unique only within a source: here each event of a saga has the id of its saga. */
let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
  await troupe.define();
});
afterEach(() => troupe.close());

const publish = (event: Event) => troupe.publish(event, { id: eventKeyOf(event) });

/** One after the other: over topics there is no order. */
async function foldInOrder(events: readonly Event[]): Promise<void> {
  for (const event of events) {
    const before = troupe.lifeOf(eventKeyOf(event)).length;
    await publish(event);
    await vi.waitFor(() => {
      expect(troupe.lifeOf(eventKeyOf(event)).length).toBeGreaterThan(before);
    }, 5_000);
  }
}

/** As a request has it. */
const sent = (event: Event) => ({
  type: eventClassOf(event).eventName,
  eventId: eventKeyOf(event),
  framed: Uint8Array.from(troupe.serde.encode(event)),
});

/** The only request for that step. */
async function request<E extends StepRequested | CompensationRequested>(
  reader: { readonly eventName: string; new (draft: never): E },
  trip: string,
  step: string,
): Promise<E> {
  const found = await vi.waitFor(() => {
    const all = troupe.records.filter(
      ({ topic, key, headers }) =>
        topic === 'troupe.requests' &&
        key === trip &&
        headers[headerNames.type] === reader.eventName &&
        headers[headerNames.step] === step,
    );
    expect(all).toHaveLength(1);
    return all[0];
  }, 5_000);
  return troupe.serde.decode(found?.value ?? new Uint8Array(), reader);
}

const booked = new TripBooked({ id: 't-1', cents: 500 });
const hotel = new HotelHeld({ id: 't-1' });

describe.each(['by the same coordinator', 'by one that took over'])(
  'events of one id, %s',
  (by) => {
    const coordinator = async () => {
      const { kill } = await troupe.startCoordinator();
      return async () => {
        if (by === 'by the same coordinator') return;
        kill();
        await troupe.startCoordinator();
      };
    };

    test('are each what a join is asked for with', async () => {
      const goOn = await coordinator();
      const flight = new FlightHeld({ id: 't-1' });
      for (const event of [booked, hotel]) await publish(event);
      await vi.waitFor(() => expect(troupe.lifeOf('t-1')).toHaveLength(2), 5_000);
      await goOn();
      await publish(flight);
      const { inputs } = await request(StepRequested, 't-1', 'pay');
      expect(inputs).toEqual([
        { dependency: 'flight', ...sent(flight) },
        { dependency: 'hotel', ...sent(hotel) },
        { dependency: 'trip', ...sent(booked) },
      ]);
    });

    test.each([
      ['first', [booked, hotel]],
      ['last', [hotel, booked]],
    ])('are each what an undoing is asked for with, the start %s (I4)', async (_, events) => {
      const goOn = await coordinator();
      for (const event of events) {
        const before = troupe.lifeOf('t-1').length;
        await publish(event);
        await vi.waitFor(() => expect(troupe.lifeOf('t-1').length).toBeGreaterThan(before), 5_000);
      }
      await goOn();
      await publish(new FlightRefused({ id: 't-1' }));
      const { inputs, output } = await request(CompensationRequested, 't-1', 'hold-hotel');
      expect(inputs).toEqual([{ dependency: '', ...sent(booked) }]);
      expect(output).toEqual(sent(hotel));
    });
  },
);

test('what was kept of them is taken back when their saga has ended', async () => {
  await troupe.startCoordinator();
  await foldInOrder([booked, hotel, new FlightRefused({ id: 't-1' })]);
  await request(CompensationRequested, 't-1', 'hold-hotel');
  const freed = new HotelFreed({ id: 't-1' });
  await troupe.publish(freed, { id: 't-1', step: 'hold-hotel', undoes: 't-1' });
  await vi.waitFor(() => expect(troupe.phase('t-1')).toBe('compensated'), 5_000);
  const kept = troupe.records.filter(
    ({ topic, key }) => topic === 'troupe.state' && key?.startsWith('payload/'),
  );
  const writes = Map.groupBy(kept, ({ key }) => key);
  expect(writes.size).toBe(2);
  for (const all of writes.values()) {
    expect(all.map(({ value }) => value !== null)).toEqual([true, false]);
  }
});
