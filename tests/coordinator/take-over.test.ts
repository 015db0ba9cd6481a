import { getEventListeners } from 'node:events';
import { systemClock, type Transport, TransportError, toGraph } from '@troupe/core';
import { internalTopics, partitionOf } from '@troupe/core/internal';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  startTripServices,
  TripBooked,
  TripBooks,
  TripPaid,
} from '../installations/trip-saga.ts';

let troupe: MemoryInstallation;
let books: TripBooks;

beforeEach(async () => {
  books = new TripBooks();
  troupe = new MemoryInstallation(bookTrip);
  await troupe.open();
});
afterEach(() => troupe.close());

const phaseIs = (trip: string, phase: string) => () => expect(troupe.phase(trip)).toBe(phase);

/** A transport whose commits do what `commit` says; everything else is the memory transport's. */
const withCommits =
  (commit: (real: () => Promise<void>) => Promise<void>) => (transport: Transport) =>
    portWith(transport, {
      openTransactionalProducer: async (id) => {
        const producer = await transport.openTransactionalProducer(id);
        let last: Promise<void> = Promise.resolve();
        return {
          commit: (records) => {
            last = commit(() => producer.commit(records));
            return last;
          },
          // What is on its way to the broker arrives there, whatever became of the sender.
          close: async () => {
            await last.catch(() => undefined);
            await producer.close();
          },
        };
      },
    });

describe('a zombie coordinator', () => {
  test('is refused its last commit, and nobody sees its requests (I5)', async () => {
    await troupe.define();
    const late = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    let frozen = false;
    const refused: unknown[] = [];
    const zombie = await troupe.startCoordinator({
      around: withCommits(async (real) => {
        if (!frozen) return real();
        frozen = false;
        arrived.resolve();
        await late.promise;
        return real().catch((error: unknown) => {
          refused.push(error instanceof TransportError ? error.code : error);
          throw error;
        });
      }),
    });
    const id = 'join';
    await troupe.publish(new TripBooked({ id, cents: 500 }));
    await troupe.publish(new HotelHeld({ id }));
    await vi.waitFor(() => expect(troupe.lifeOf(id)).toHaveLength(2));
    frozen = true;
    await troupe.publish(new FlightHeld({ id }));
    await arrived.promise;
    // It does not notice: its commit is on its way while the group gives the partition to another.
    const losing = zombie.loseSessions();
    const { coordinator } = await troupe.startCoordinator();
    await vi.waitFor(() => expect(troupe.requestsOf(id)).toEqual(['troupe.StepRequested pay']));
    late.resolve();
    await losing;
    await vi.waitFor(() => expect(refused).toContain('producer-fenced'));
    expect(troupe.requestsOf(id)).toEqual(['troupe.StepRequested pay']);
    expect(troupe.folded(id)).toMatchObject({ phase: 'running' });
    expect(coordinator.saga('book-trip', id) ?? zombie.coordinator.saga('book-trip', id)).toEqual(
      troupe.folded(id),
    );
  });
});

describe('I5: a commit that fails', () => {
  test.each(['before it was written', 'after it was committed'])(
    '%s: the shard is rebuilt, and nothing is lost or doubled',
    async (when) => {
      await startTripServices(troupe, books);
      let commits = 0;
      const { coordinator } = await troupe.startCoordinator({
        limits: { takeOverDelayMs: 1 },
        around: withCommits(async (real) => {
          commits += 1;
          const fails = commits > troupe.partitions && commits % 4 === 0 && commits < 60;
          if (fails && when.startsWith('before'))
            throw new TransportError('transport-failed', 'lost');
          await real();
          if (fails) throw new TransportError('transport-failed', 'the answer was lost');
        }),
      });
      const trips = Array.from({ length: 40 }, (_, index) => `t-${index}`);
      for (const [index, id] of trips.entries()) {
        await troupe.publish(new TripBooked({ id, cents: index * 5 }));
      }
      await vi.waitFor(() => {
        for (const [index, id] of trips.entries()) {
          expect(troupe.phase(id)).toBe(index * 5 < 100 ? 'compensated' : 'completed');
          expect(coordinator.saga('book-trip', id)).toEqual(troupe.folded(id));
          expect(books.hotels.get(id)).toBe(index * 5 < 100 ? 0 : 1);
        }
      }, 20_000);
      const ids = troupe.records
        .filter(({ topic }) => topic === internalTopics.requests || topic === internalTopics.sagas)
        .map(({ headers }) => headers['ce_id']);
      expect(ids).toEqual([...new Set(ids)]);
    },
  );

  test('a log that is down is waited for, and is told of', async () => {
    await startTripServices(troupe, books);
    const { coordinator } = await troupe.startCoordinator({ limits: { takeOverDelayMs: 10 } });
    const id = 'down';
    await troupe.publish(new TripBooked({ id, cents: 500 }));
    await vi.waitFor(() => expect(troupe.lifeOf(id)).not.toEqual([]));
    troupe.log.takeDown();
    await vi.waitFor(() => expect(coordinator.health()).toMatchObject({ ready: false }));
    troupe.log.bringUp();
    await vi.waitFor(phaseIs(id, 'completed'), 10_000);
    await vi.waitFor(() => expect(coordinator.health().ready).toBe(true), 10_000);
  });
});

test('I8: nothing is held of what was rebuilt', async () => {
  await troupe.define();
  const takeOverDelayMs = 7;
  const rebuilt: AbortSignal[] = [];
  const clock = portWith(systemClock, {
    sleep: (delayMs, signal) => {
      if (delayMs === takeOverDelayMs && signal !== undefined) rebuilt.push(signal);
      return systemClock.sleep(delayMs, signal);
    },
  });
  let commits = -troupe.partitions;
  const { coordinator } = await troupe.startCoordinator({
    clock,
    limits: { takeOverDelayMs, takeOverDelayMsMax: takeOverDelayMs },
    around: withCommits(async (real) => {
      commits += 1;
      // The shard with the trip may write its barriers, and for a while nothing else.
      if (commits % 2 === 1 && commits < 20) throw new TransportError('transport-failed', 'lost');
      await real();
    }),
  });
  await vi.waitFor(() => expect(coordinator.health().ready).toBe(true));
  await troupe.publish(new TripBooked({ id: 'rebuilt', cents: 500 }));
  await vi.waitFor(phaseIs('rebuilt', 'running'), 5_000);
  expect(rebuilt).toHaveLength(10);
  const [shard, ...others] = new Set(rebuilt);
  expect(others).toEqual([]);
  // The run that goes on.
  expect(shard && getEventListeners(shard, 'abort')).toHaveLength(1);
});

describe('what a take-over finds', () => {
  test('offsets of topics that it does not read are kept: nothing is folded twice later', async () => {
    const graph = toGraph(bookTrip);
    const limits = { saga: { endedRetentionMs: 1 } };
    await troupe.define();
    const first = await troupe.startCoordinator({ limits });
    await completeByHand('once');
    await troupe.publish(new TripBooked({ id: 'open', cents: 500 }));
    const forgotten = expect.objectContaining({ type: 'saga-forgotten' });
    await vi.waitFor(() => expect(troupe.lifeOf('once')).toContainEqual(forgotten));
    await vi.waitFor(phaseIs('open', 'running'));
    await first.coordinator.stop();
    // This one is told that the topics of the definition do not fit, so that it reads none of them.
    const blind = await troupe.startCoordinator({
      around: (transport) =>
        portWith(transport, {
          topics: portWith(transport.topics, {
            partitionCounts: async (topics) => {
              const counts = new Map(await transport.topics.partitionCounts(topics));
              for (const topic of ['trip', 'trip.hotel', 'trip.flight']) counts.delete(topic);
              return counts;
            },
          }),
        }),
    });
    await vi.waitFor(() => expect(blind.coordinator.health().ready).toBe(true));
    const { problems, refusedDefinitions } = blind.coordinator.health();
    expect(refusedDefinitions.map(({ saga }) => saga)).toEqual([`book-trip@1#${graph.hash}`]);
    expect(problems).toMatchObject([
      { code: 'key-waiting', message: expect.stringMatching(/1 sagas stand still/) },
    ]);
    // Makes it commit offsets of its own: a dead letter.
    const headers = { ce_id: '1', ce_type: 't', ce_saga: 'nonsense' };
    const partition = partitionOf('once', troupe.partitions);
    await troupe.send({ topic: 'troupe.outcomes', partition, key: 'k', value: null, headers });
    await vi.waitFor(() => expect(troupe.deadLetters).toHaveLength(1));
    // The same problem, since the same moment.
    expect(blind.coordinator.health().problems).toEqual(problems);
    await blind.coordinator.stop();
    const before = troupe.lifeOf('once').map(({ type }) => type);
    await troupe.startCoordinator({ limits });
    // Folded behind all that lay in those topics before.
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await completeByHand(id);
      await vi.waitFor(() => expect(troupe.lifeOf(id)).toContainEqual(forgotten));
    }
    expect(troupe.lifeOf('once').map(({ type }) => type)).toEqual(before);
  });
});

describe('the offsets that the group has committed', () => {
  const topics = ['trip', 'trip.hotel', 'trip.flight'];
  const partitions = () => Array.from({ length: troupe.partitions }, (_, number) => number);
  const inputs = () =>
    topics.flatMap((topic) => partitions().map((number) => troupe.log.partition(topic, number)));
  const group = () => troupe.log.group('troupe-coordinator');

  test('reach the ends of the inputs, so that a lag display shows no lag', async () => {
    await troupe.define();
    await troupe.startCoordinator({ limits: { offsetsIntervalMs: 10 } });
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await completeByHand(id);
    await vi.waitFor(() => {
      for (const { topic, number, end } of inputs()) {
        const name = `${topic}-${number}`;
        expect(end, name).toBeGreaterThan(0);
        expect([name, group().committed(topic, number)]).toEqual([name, end]);
      }
    }, 5_000);
  });

  test('change nothing when they are wrong: what was not folded is, after a take-over', async () => {
    await troupe.define();
    const { kill } = await troupe.startCoordinator();
    const id = 'unread';
    await troupe.publish(new TripBooked({ id, cents: 500 }));
    await troupe.publish(new HotelHeld({ id }));
    await vi.waitFor(() => expect(troupe.lifeOf(id)).toHaveLength(2), 5_000);
    kill();
    await troupe.publish(new FlightHeld({ id }));
    await troupe.publish(new TripBooked({ id: 'never seen', cents: 500 }));
    for (const { topic, number, end } of inputs()) group().commit(topic, number, end);
    await troupe.startCoordinator();
    const asked = () => expect(troupe.requestsOf(id)).toEqual(['troupe.StepRequested pay']);
    await vi.waitFor(asked, 5_000);
    await vi.waitFor(phaseIs('never seen', 'running'), 5_000);
  });
});

async function completeByHand(id: string): Promise<void> {
  await troupe.publish(new TripBooked({ id, cents: 500 }));
  await troupe.publish(new HotelHeld({ id }));
  await troupe.publish(new FlightHeld({ id }));
  await troupe.publish(new TripPaid({ id }));
}
