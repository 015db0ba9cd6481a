import {
  defineEvent,
  defineSaga,
  defineStep,
  silentLogger,
  type Transport,
  TransportError,
  t,
  toGraph,
} from '@troupe/core';
import { sagaRef, writeDefinition } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  holdFlight,
  holdHotel,
  hotelHandler,
  pay,
  TripBooked,
  TripBooks,
  TripPaid,
} from '../installations/trip-saga.ts';

let troupe: MemoryInstallation;
const second = defineSaga('book-trip', {
  version: 2,
  startsOn: TripBooked,
  steps: [holdHotel, holdFlight],
});
const sights = defineSaga('see-sights', {
  version: 1,
  startsOn: TripBooked,
  steps: [holdHotel, holdFlight, pay],
});

/** Of the same topic as the first event of a trip. */
class GuestThanked extends defineEvent('trip.GuestThanked', { id: t.string().key() }) {}
const thankGuest = defineSaga('thank-guest', {
  version: 1,
  startsOn: TripPaid,
  steps: [defineStep('thank', { after: TripPaid, emits: GuestThanked })],
});

beforeEach(async () => {
  troupe = new MemoryInstallation([bookTrip, second, sights]);
  await troupe.open();
});
afterEach(() => troupe.close());

type TopicLookUp = (topics: readonly string[]) => Promise<ReadonlyMap<string, number>>;

const withTopics =
  (partitionCounts: (real: TopicLookUp, topics: readonly string[]) => ReturnType<TopicLookUp>) =>
  (transport: Transport) =>
    portWith(transport, {
      topics: portWith(transport.topics, {
        partitionCounts: (topics) =>
          partitionCounts((names) => transport.topics.partitionCounts(names), topics),
      }),
    });

const typesOf = (saga: string) => () => troupe.lifeOf(saga).map(({ type }) => type);

describe('I7: events whose definition cannot be judged at the moment', () => {
  test('wait for it, and are not taken for unknown', async () => {
    await troupe.define();
    let failures = 0;
    await troupe.publish(new TripBooked({ id: 'early', cents: 500 }));
    await troupe.startCoordinator({
      around: withTopics(async (real, topics) => {
        if (topics.includes('trip') && ++failures <= 2) {
          throw new TransportError('transport-unavailable', 'no broker answers now');
        }
        return real(topics);
      }),
    });
    await vi.waitFor(() => expect(typesOf('early')()).toContain('saga-started'));
    expect(failures).toBeGreaterThan(2);
    expect(troupe.deadLetters).toEqual([]);
  });

  test('nor is the start of a foreign producer, whom nobody told which saga that is', async () => {
    await troupe.send(writeDefinition(toGraph(thankGuest)));
    const judging = Promise.withResolvers<void>();
    const free = Promise.withResolvers<void>();
    let isPublished = false;
    await troupe.startCoordinator({
      around: withTopics(async (real, topics) => {
        if (!isPublished) return real(topics);
        judging.resolve();
        await free.promise;
        return real(topics);
      }),
    });
    isPublished = true;
    await troupe.send(writeDefinition(toGraph(bookTrip)));
    await judging.promise;
    await troupe.publish(new TripBooked({ id: 'early', cents: 500 }), { saga: null });
    await new Promise<void>((resolve) => setTimeout(resolve, 50));
    free.resolve();
    await vi.waitFor(() => expect(typesOf('early')()).toContain('saga-started'));
    expect(troupe.deadLetters).toEqual([]);
  });

  test('wait, and are dead letters that say why it was never used', async () => {
    await troupe.send(writeDefinition(toGraph(thankGuest)));
    await troupe.startCoordinator({
      limits: { definitionWaitMs: 100 },
      around: withTopics(async (real, topics) => {
        const counts = new Map(await real(topics));
        counts.delete('trip.flight');
        return counts;
      }),
    });
    await troupe.send(writeDefinition(toGraph(bookTrip)));
    await troupe.publish(new TripBooked({ id: 'never', cents: 500 }), { saga: null });
    await vi.waitFor(() => {
      expect(troupe.deadLetters).toEqual([
        ['definition-unknown', expect.stringContaining('topics are missing: trip.flight')],
      ]);
    });
  });
});

describe('I1: definitions whose last entry nobody is given', () => {
  test('are read to their end, by services and coordinators', async () => {
    const { transport } = troupe.connect();
    const producer = await transport.openTransactionalProducer('publisher');
    // The marker of the transaction lies behind them.
    await producer.commit([bookTrip, second, sights].map((saga) => writeDefinition(toGraph(saga))));
    await troupe.startService('hotel', [hotelHandler(new TripBooks())]);
    await troupe.startCoordinator();
    await troupe.publish(new TripBooked({ id: 'marked', cents: 500 }));
    await vi.waitFor(() => expect(typesOf('marked')()).toContain('step-succeeded'));
    await transport.close();
  });
});

describe('the topics of a new definition', () => {
  test('are read when it was admitted while the coordinator joined', async () => {
    const { coordinator } = await troupe.startCoordinator({
      around: (transport) =>
        portWith(transport, {
          subscribe: async (subscription) => {
            const consumer = await transport.subscribe(subscription);
            if (subscription.groupId !== 'troupe-coordinator') return consumer;
            // Between joining and knowing that it has joined.
            await troupe.define();
            await vi.waitFor(() => expect(logged).toContain('a saga definition is in use'));
            return consumer;
          },
        }),
      logger: { ...silentLogger, info: (message) => void logged.push(message) },
    });
    expect(coordinator.health().live).toBe(true);
    await troupe.publish(new TripBooked({ id: 'late', cents: 500 }));
    await vi.waitFor(() => expect(typesOf('late')()).toContain('saga-started'));
  });

  test('are read at last when the group could not be joined with them at first', async () => {
    let refusals = 0;
    await troupe.startCoordinator({
      limits: { takeOverDelayMs: 10 },
      around: (transport) =>
        portWith(transport, {
          subscribe: async (subscription) => {
            const consumer = await transport.subscribe(subscription);
            return portWith(consumer, {
              changeTopics: async (topics) => {
                refusals += 1;
                if (refusals <= 2) throw new TransportError('transport-failed', 'not now');
                await consumer.changeTopics(topics);
              },
            });
          },
        }),
    });
    await troupe.define();
    await troupe.publish(new TripBooked({ id: 'refused', cents: 500 }));
    await vi.waitFor(() => expect(typesOf('refused')()).toContain('saga-started'), 5_000);
    expect(refusals).toBe(3);
  });
});

describe('stop() while start() is under way', () => {
  test('leaves nobody in the group, and the start was stopped', async () => {
    await troupe.define();
    const joining = Promise.withResolvers<void>();
    let closed = 0;
    const { coordinator } = troupe.makeCoordinator({
      around: (transport) =>
        portWith(transport, {
          subscribe: async (subscription) => {
            const consumer = await transport.subscribe(subscription);
            if (subscription.groupId === 'troupe-coordinator') joining.resolve();
            await new Promise<void>((resolve) => setTimeout(resolve, 0));
            return portWith(consumer, {
              close: () => {
                closed += 1;
                return consumer.close();
              },
            });
          },
        }),
    });
    const starting = coordinator.start().catch((error: unknown) => error);
    await joining.promise;
    await coordinator.stop();
    expect(await starting).toMatchObject({ code: 'stopped' });
    // That of the definitions, and that of the inputs.
    expect(closed).toBe(2);
    const { coordinator: next } = await troupe.startCoordinator();
    await vi.waitFor(() => expect(next.health().shards).toHaveLength(troupe.partitions));
  });

  test('and before it began makes it refuse', async () => {
    const { coordinator } = troupe.makeCoordinator();
    await coordinator.stop();
    await expect(coordinator.start()).rejects.toMatchObject({ code: 'stopped' });
  });
});

describe('sagas side by side', () => {
  const refs = {
    old: sagaRef(toGraph(bookTrip)),
    new: sagaRef(toGraph(second)),
    sights: sagaRef(toGraph(sights)),
  };

  /** The events of one saga, published by hand: `saga` names the definition, `tag` keeps their ids apart. */
  async function play(
    id: string,
    saga: keyof typeof refs,
    events: readonly Event[],
  ): Promise<void> {
    for (const event of events) {
      await troupe.publish(event, { saga: refs[saga], id: `${saga}/${event['~event']}/${id}` });
    }
  }
  type Event = TripBooked | HotelHeld | FlightHeld | TripPaid;

  beforeEach(async () => {
    await troupe.define();
    await troupe.startCoordinator();
  });

  test('an old and a new version each end by their own definition', async () => {
    const [a, b] = ['a', 'b'];
    await play(a, 'old', [new TripBooked({ id: a, cents: 1 }), new HotelHeld({ id: a })]);
    await play(b, 'new', [new TripBooked({ id: b, cents: 1 }), new HotelHeld({ id: b })]);
    await play(a, 'old', [new FlightHeld({ id: a })]);
    await play(b, 'new', [new FlightHeld({ id: b })]);
    await vi.waitFor(() => expect(troupe.phase(b)).toBe('completed'));
    await vi.waitFor(() => expect(troupe.requestsOf(a)).toEqual(['troupe.StepRequested pay']));
    expect(troupe.requestsOf(b)).toEqual([]);
    await play(a, 'old', [new TripPaid({ id: a })]);
    await vi.waitFor(() => expect(troupe.phase(a)).toBe('completed'));
  });

  test('two sagas with one correlation id are two sagas', async () => {
    const id = 'shared';
    const start = new TripBooked({ id, cents: 1 });
    await play(id, 'new', [start, new HotelHeld({ id })]);
    await play(id, 'sights', [start, new HotelHeld({ id }), new FlightHeld({ id })]);
    await vi.waitFor(() => expect(troupe.requestsOf(id)).toEqual(['troupe.StepRequested pay']));
    expect(troupe.folded(id, 'book-trip')).toMatchObject({ phase: 'running' });
    await play(id, 'new', [new FlightHeld({ id })]);
    await vi.waitFor(() => {
      expect(troupe.folded(id, 'book-trip')).toMatchObject({ phase: 'completed' });
    });
    expect(troupe.folded(id, 'see-sights')).toMatchObject({ phase: 'running' });
  });
});

const logged: string[] = [];
