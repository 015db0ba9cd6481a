import {
  defineEvent,
  defineSaga,
  defineStep,
  type Transport,
  TransportError,
  t,
  toGraph,
} from '@troupe/core';
import { hashOfGraph, type SagaRef, sagaRef, writeDefinition } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import {
  bookTrip,
  holdFlight,
  holdHotel,
  startTripServices,
  TripBooked,
  TripBooks,
} from '../installations/trip-saga.ts';

const id = t.string().key();
class Hired extends defineEvent('payroll.Hired', { id }) {}
class Paid extends defineEvent('payroll.Paid', { id }) {}
/** Of another team, whose topic is nobody else's business. */
const hire = defineSaga('hire', {
  version: 1,
  startsOn: Hired,
  steps: [defineStep('pay', { after: Hired, emits: Paid })],
});
const nextTrip = defineSaga('book-trip', {
  version: 2,
  startsOn: TripBooked,
  steps: [holdHotel, holdFlight],
});

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
});
afterEach(() => troupe.close());

/** As a broker answers for a topic that this user may not describe. */
const withoutPayroll = (transport: Transport) =>
  portWith(transport, {
    topics: portWith(transport.topics, {
      partitionCounts: async (topics) => {
        if (topics.includes('payroll'))
          throw new TransportError('not-authorized', 'not authorized');
        return transport.topics.partitionCounts(topics);
      },
    }),
  });

/** Sagas on every partition. */
async function othersComplete(prefix: string): Promise<void> {
  const ids = Array.from({ length: 12 }, (_, index) => `${prefix}-${index}`);
  for (const one of ids) await troupe.publish(new TripBooked({ id: one, cents: 500 }));
  await vi.waitFor(() => {
    expect(ids.map((one) => troupe.phase(one))).toEqual(ids.map(() => 'completed'));
  }, 3_000);
}

describe('I9: a definition whose topics may not be looked up', () => {
  test('is refused, alone: shards fold, take over and start, and other definitions are taken into use', async () => {
    await troupe.define();
    await startTripServices(troupe, new TripBooks());
    const first = await troupe.startCoordinator({ around: withoutPayroll });
    await troupe.send(writeDefinition(toGraph(hire)));
    const refused = [
      {
        saga: sagaRef(toGraph(hire)),
        reason: expect.stringContaining('its topic payroll cannot be looked up: not authorized.'),
      },
    ];
    await vi.waitFor(() => {
      expect(first.coordinator.health().refusedDefinitions).toEqual(refused);
    });

    // One event on each partition makes its shard look for its definition.
    const unknown: SagaRef = 'book-trip@7#0123456789abcdef';
    for (let index = 0; index < 12; index += 1) {
      await troupe.publish(new TripBooked({ id: `x-${index}`, cents: 5 }), { saga: unknown });
    }
    await othersComplete('behind');
    await troupe.send(writeDefinition(toGraph(nextTrip)));
    await troupe.publish(new TripBooked({ id: 'next', cents: 500 }), {
      saga: sagaRef(toGraph(nextTrip)),
    });
    await vi.waitFor(() => expect(troupe.phase('next')).toBe('completed'));

    first.kill();
    const second = await troupe.startCoordinator({ around: withoutPayroll });
    await vi.waitFor(() => expect(second.coordinator.health().ready).toBe(true));
    expect(second.coordinator.health().refusedDefinitions).toEqual(refused);
    await othersComplete('after');
    expect(troupe.deadLetters).toEqual([]);
  });
});

describe("I9: a definition with a topic of Troupe's own", () => {
  test('is refused, alone: no life-cycle record is folded, and another saga ends without deviations', async () => {
    await troupe.define();
    await startTripServices(troupe, new TripBooks());
    const graph = toGraph(hire);
    const steps = graph.steps.map((step) => {
      return { ...step, emits: { ...step.emits, topic: 'troupe.sagas' } };
    });
    const foreign = { ...graph, startsOn: { ...graph.startsOn, topic: 'trip' }, steps };
    const wrong = { ...foreign, hash: hashOfGraph(foreign) };
    await troupe.send(writeDefinition(wrong));
    const { coordinator } = await troupe.startCoordinator();
    expect(coordinator.health().refusedDefinitions).toEqual([
      {
        saga: sagaRef(wrong),
        reason: expect.stringContaining('steps[0].emits.topic: troupe.sagas'),
      },
    ]);
    await othersComplete('beside');
    expect(troupe.folded('beside-0')?.deviations).toBe(0);
    expect(troupe.deadLetters).toEqual([]);
  });
});

describe('a definition whose topics are missing', () => {
  class Asked extends defineEvent('trip.Asked', { id }) {}
  class Answered extends defineEvent('trip.Answered', { id }) {}
  class AnsweredElsewhere extends defineEvent('nowhere.Answered', { id }) {}
  const ask = (version: number, emits: typeof Answered | typeof AnsweredElsewhere) =>
    toGraph(
      defineSaga('ask', {
        version,
        startsOn: Asked,
        steps: [defineStep('answer', { after: Asked, emits })],
      }),
    );
  const wrong = ask(1, AnsweredElsewhere);
  const corrected = ask(2, Answered);
  const waitingFor = (saga: SagaRef) => expect.objectContaining({ subject: saga });
  /** All of one saga id, so of one shard. */
  const starts = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      await troupe.publish(new Asked({ id: 'one' }), { saga: null, id: `asked-${index}` });
    }
  };

  beforeEach(async () => {
    await troupe.define();
  });

  test('I9: fills no more than its share of the waiting room, and others wait beside its events', async () => {
    const { coordinator } = await troupe.startCoordinator({ limits: { waitingEventsMax: 8 } });
    await troupe.send(writeDefinition(wrong));
    await vi.waitFor(() => expect(coordinator.health().refusedDefinitions).toHaveLength(1));
    await starts(20);
    await vi.waitFor(() => expect(troupe.deadLetters).toHaveLength(16));
    const next = sagaRef(toGraph(nextTrip));
    await troupe.publish(new TripBooked({ id: 'one', cents: 5 }), { saga: next });
    await vi.waitFor(() => expect(coordinator.health().problems).toContainEqual(waitingFor(next)));
    await troupe.send(writeDefinition(toGraph(nextTrip)));
    await vi.waitFor(() => expect(troupe.phase('one')).toBe('running'));
    expect(troupe.deadLetters).toHaveLength(16);
  });

  test('is named in the health with what is wrong with it, as what its events wait for', async () => {
    const { coordinator } = await troupe.startCoordinator();
    await troupe.send(writeDefinition(wrong));
    await vi.waitFor(() => expect(coordinator.health().refusedDefinitions).toHaveLength(1));
    await starts(1);
    await vi.waitFor(() => {
      const message =
        `1 events wait for the definition of saga ${sagaRef(wrong)}, which is published and not in use: ` +
        'topics are missing: nowhere. Make them with 3 partitions';
      expect(coordinator.health().problems).toMatchObject([{ code: 'key-waiting', message }]);
    });
  });

  test('I7: the starts that wait for it are taken by its corrected version', async () => {
    const { coordinator } = await troupe.startCoordinator();
    await troupe.send(writeDefinition(wrong));
    await vi.waitFor(() => expect(coordinator.health().refusedDefinitions).toHaveLength(1));
    await starts(1);
    await vi.waitFor(() => {
      expect(coordinator.health().problems).toEqual([waitingFor(sagaRef(wrong))]);
    });
    // Its own saga waits on, whatever else begins with that type.
    await troupe.publish(new Asked({ id: 'own' }), { saga: sagaRef(wrong) });
    await troupe.send(writeDefinition(corrected));
    await vi.waitFor(() => expect(troupe.folded('one', 'ask')?.saga).toBe(sagaRef(corrected)));
    expect(troupe.folded('own', 'ask')).toBeUndefined();
    expect(coordinator.health().problems).toEqual([waitingFor(sagaRef(wrong))]);
    expect(troupe.deadLetters).toEqual([]);
  });
});
