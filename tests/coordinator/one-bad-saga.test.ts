import { defineEvent, defineSaga, defineStep, type Event, type Serde, t } from '@troupe/core';
import { headerNames, internalTopics, StepFailed } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  hotelHandler,
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

const phases = (expected: Readonly<Record<string, string>>) => () => {
  const found = Object.keys(expected).map((trip) => [trip, troupe.phase(trip)]);
  expect(Object.fromEntries(found)).toEqual(expected);
};

/** Normal sagas on every partition, before and after whatever is wrong. */
async function othersComplete(prefix: string): Promise<void> {
  const ids = Array.from({ length: 12 }, (_, index) => `${prefix}-${index}`);
  for (const id of ids) await troupe.publish(new TripBooked({ id, cents: 500 }));
  await vi.waitFor(phases(Object.fromEntries(ids.map((id) => [id, 'completed']))), 5_000);
}

/** How often a shard took over: a shard that is rebuilt again and again shows here. */
const barriers = () =>
  troupe.records.filter(({ topic, key }) => topic === internalTopics.state && key === 'barrier')
    .length;

describe('an input that cannot be folded', () => {
  /** Cannot write a request to the saga `poison`, and fails as a fault of the program does. */
  const faulty = (serde: Serde): Serde =>
    portWith(serde, {
      encode: (event: Event) => {
        if ('correlationId' in event && event.correlationId === 'poison')
          throw new TypeError('a fault');
        return serde.encode(event);
      },
    });

  test('is a dead letter, its saga is stuck, and nobody else is harmed', async () => {
    await startTripServices(troupe, books);
    const { coordinator } = await troupe.startCoordinator({ serde: faulty(troupe.serde) });
    await vi.waitFor(() => expect(coordinator.health().ready).toBe(true));
    const before = barriers();
    await troupe.publish(new TripBooked({ id: 'poison', cents: 500 }));
    await vi.waitFor(phases({ poison: 'stuck: internal-fault' }));
    await othersComplete('good');
    expect(troupe.deadLetters).toEqual([['terminal', 'a fault']]);
    expect(barriers()).toBe(before);
    expect(coordinator.saga('book-trip', 'poison')).toEqual(troupe.folded('poison'));
  });

  test('leaves no trace of what it had half done, also after a take-over', async () => {
    await startTripServices(troupe, books);
    const { kill } = await troupe.startCoordinator({ serde: faulty(troupe.serde) });
    await troupe.publish(new TripBooked({ id: 'poison', cents: 500 }));
    await vi.waitFor(phases({ poison: 'stuck: internal-fault' }));
    kill();
    const { coordinator } = await troupe.startCoordinator();
    await vi.waitFor(() => expect(coordinator.saga('book-trip', 'poison')).toBeDefined());
    expect(coordinator.saga('book-trip', 'poison')).toEqual(troupe.folded('poison'));
    // One of the two outcomes before the join is the one that could not be folded.
    expect(Object.keys(troupe.folded('poison')?.steps ?? {})).toHaveLength(1);
  });
});

describe('a time limit of which the consequences cannot be carried out', () => {
  beforeEach(async () => {
    await troupe.close();
    troupe = new MemoryInstallation(stampQuickly);
    await troupe.open();
    await troupe.define();
  });

  test('is heard of again, once in a while, and its saga is stuck until then (I1, I10)', async () => {
    let attempts = 0;
    let isBroken = true;
    const serde = portWith(troupe.serde, {
      encode: (event: Event) => {
        if (event['~event'] !== 'troupe.CompensationRequested') return troupe.serde.encode(event);
        attempts += 1;
        if (isBroken) throw new TypeError('a fault');
        return troupe.serde.encode(event);
      },
    });
    const retryDelayMsMax = 300;
    const limits = { saga: { retryDelayMsMax } };
    const { coordinator } = await troupe.startCoordinator({ serde, limits });
    const id = 'slow';
    const sinceMs = performance.now();
    await troupe.publish(new LetterWritten({ id, text: 'x' }));
    await vi.waitFor(phases({ [id]: 'stuck: time-fault' }), 3_000);
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(3), 5_000);
    expect(performance.now() - sinceMs).toBeGreaterThan((attempts - 1) * retryDelayMsMax);
    expect(troupe.lifeOf(id).map(({ type }) => type)).toEqual(['saga-started', 'saga-stuck']);
    expect(coordinator.saga('send-letter', id)).toEqual(troupe.folded(id));
    isBroken = false;
    await vi.waitFor(() => {
      expect(troupe.requestsOf(id)).toEqual(['troupe.CompensationRequested stamp']);
    }, 3_000);
    await vi.waitFor(phases({ [id]: 'running' }));
    const { doom, lostInput } = troupe.folded(id) ?? {};
    expect([doom?.cause, lostInput]).toEqual(['timed-out', undefined]);
    expect(coordinator.saga('send-letter', id)).toEqual(troupe.folded(id));
    expect(troupe.deadLetters).toEqual([]);
  });

  test('where its saga would be too large, until it may be as large', async () => {
    const narrow = await troupe.startCoordinator({ limits: { messageBytesMax: 570 } });
    const id = 'full';
    // The state has room for it, and for little more.
    await troupe.publish(new LetterWritten({ id, text: 'x' }), { id: 'x'.repeat(200) });
    await vi.waitFor(phases({ [id]: 'stuck: time-fault' }), 3_000);
    expect(narrow.coordinator.saga('send-letter', id)).toEqual(troupe.folded(id));
    narrow.kill();
    const { coordinator } = await troupe.startCoordinator();
    await vi.waitFor(phases({ [id]: 'running' }), 3_000);
    expect(troupe.folded(id)).toMatchObject({ doom: { cause: 'timed-out' } });
    expect(coordinator.saga('send-letter', id)).toEqual(troupe.folded(id));
    expect(troupe.deadLetters).toEqual([]);
  });
});

describe('I8: what is larger than it may be', () => {
  test('an error message of a megabyte is cut, and the saga goes on', async () => {
    await troupe.startService('hotel', [hotelHandler(books)]);
    await troupe.startCoordinator();
    const id = 'verbose';
    await troupe.publish(new TripBooked({ id, cents: 500 }));
    await vi.waitFor(() => expect(books.hotels.get(id)).toBe(1));
    await fail(id, '\u0001'.repeat(900_000));
    await vi.waitFor(() => expect(books.hotels.get(id)).toBe(0));
    const failed = troupe.lifeOf(id).find(({ type }) => type === 'step-failed');
    expect(failed).toMatchObject({ message: '\u0001'.repeat(1_000) });
  });

  test('a record with no room for its cause is named by its dead letter, which stops no shard', async () => {
    await startTripServices(troupe, books);
    const { coordinator } = await troupe.startCoordinator();
    await vi.waitFor(() => expect(coordinator.health().ready).toBe(true));
    const before = barriers();
    const value = Buffer.alloc(1_048_000);
    const headers = { [headerNames.id]: '1', [headerNames.type]: 't', [headerNames.saga]: 'no' };
    await troupe.send({ topic: 'trip', key: 'big', value, headers });
    await othersComplete('good');
    await vi.waitFor(() => expect(troupe.deadLetters).toHaveLength(1));
    expect(troupe.deadLetters[0]?.[1]).toMatch(/read it at its offset/);
    expect(barriers()).toBe(before);
  });

  test('an oversized saga is stuck, alone, and what it was refused is a dead letter', async () => {
    await startTripServices(troupe, books);
    const limits = { messageBytesMax: 4_000 };
    const { coordinator } = await troupe.startCoordinator({ limits });
    await vi.waitFor(() => expect(coordinator.health().ready).toBe(true));
    const before = barriers();
    const id = 'fat';
    await troupe.publish(new TripBooked({ id, cents: 500 }));
    for (let event = 0; event < 8; event += 1) {
      for (const one of [new HotelHeld({ id }), new FlightHeld({ id })]) {
        await troupe.publish(one, { id: `${one['~event']}-${event}-${'x'.repeat(200)}` });
      }
    }
    await vi.waitFor(() => {
      expect(troupe.lifeOf(id)).toContainEqual(
        expect.objectContaining({ type: 'saga-stuck', reason: 'too-large' }),
      );
      expect(troupe.deadLetters.map(([code]) => code)).toContain('limit-exceeded');
    });
    await othersComplete('slim');
    expect(barriers()).toBe(before);
    const sizes = troupe.records
      .filter(({ topic }) => topic === internalTopics.state || topic === internalTopics.sagas)
      .map(({ value }) => value?.length ?? 0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4_000 + 100);
  });

  test('a request that is too large leaves its saga stuck, and a small one beside it is sent', async () => {
    await troupe.close();
    troupe = new MemoryInstallation(sendLetter);
    await troupe.open();
    await troupe.define();
    await troupe.startCoordinator({ limits: { messageBytesMax: 2_000 } });
    const texts = { thick: 'x'.repeat(1_900), unkept: 'x'.repeat(2_100), thin: 'x' };
    for (const [id, text] of Object.entries(texts)) {
      await troupe.publish(new LetterWritten({ id, text }));
      await troupe.publish(new LetterStamped({ id }));
    }
    await vi.waitFor(
      phases({ thick: 'stuck: too-large', unkept: 'stuck: payload-missing', thin: 'running' }),
    );
    expect(troupe.requestsOf('thick')).toEqual([]);
    await vi.waitFor(() => {
      expect(troupe.requestsOf('thin')).toEqual(['troupe.StepRequested post']);
    });
  });
});

const id = t.string().key();
class LetterWritten extends defineEvent('trip.LetterWritten', { id, text: t.string() }) {}
class LetterStamped extends defineEvent('trip.LetterStamped', { id }) {}
class LetterPosted extends defineEvent('trip.LetterPosted', { id }) {}
const stamp = defineStep('stamp', { after: LetterWritten, emits: LetterStamped });
const post = defineStep('post', {
  after: { letter: LetterWritten, stamped: stamp },
  emits: LetterPosted,
});
const sendLetter = defineSaga('send-letter', {
  version: 1,
  startsOn: LetterWritten,
  steps: [stamp, post],
});

class StampRemoved extends defineEvent('trip.StampRemoved', { id }) {}
const stampQuickly = defineSaga('send-letter', {
  version: 1,
  startsOn: LetterWritten,
  steps: [
    defineStep('stamp', {
      after: LetterWritten,
      emits: LetterStamped,
      compensates: StampRemoved,
      timeoutMs: 200,
    }),
  ],
});

/** The flight's service gives up, and has much to say about it. */
async function fail(id: string, message: string): Promise<void> {
  const step = 'hold-flight';
  const failed = { action: 'execute', code: 'terminal', attempts: 1, inDoubt: false } as const;
  const event = new StepFailed({ correlationId: id, step, message, ...failed });
  await troupe.publish(event, { id: `failed/${id}`, step });
}
