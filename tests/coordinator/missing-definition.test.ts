import type { Checkpoint, Coordinator } from '@troupe/coordinator';
import { defineSaga, toGraph } from '@troupe/core';
import { partitionOf, sagaRef, writeDefinition } from '@troupe/core/internal';
import type { MemoryTransport } from '@troupe/core/memory';
import { ManualClock } from '@troupe/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import type { StartCoordinator } from '../installations/observed-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  holdFlight,
  holdHotel,
  TripBooked,
} from '../installations/trip-saga.ts';
import { passSlowly } from './pass-slowly.ts';

const next = defineSaga('book-trip', {
  version: 2,
  startsOn: TripBooked,
  steps: [holdHotel, holdFlight],
});
const saga = sagaRef(toGraph(next));

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation([bookTrip, next]);
  await troupe.open();
  await troupe.send(writeDefinition(toGraph(bookTrip)));
});
afterEach(() => troupe.close());

const comes = () => troupe.send(writeDefinition(toGraph(next)));

async function publish(id: string, ref: typeof saga | undefined): Promise<void> {
  const options = ref === undefined ? {} : { saga: ref };
  await troupe.publish(new TripBooked({ id, cents: 5 }), options);
  await troupe.publish(new HotelHeld({ id }), options);
  await troupe.publish(new FlightHeld({ id }), options);
}

/** The same installation, by another clock. */
async function openWith(clock: ManualClock): Promise<ManualClock> {
  await troupe.close();
  troupe = new MemoryInstallation([bookTrip, next], clock);
  await troupe.open();
  await troupe.send(writeDefinition(toGraph(bookTrip)));
  return clock;
}

async function startWith(
  clock: ManualClock,
  options: StartCoordinator<MemoryTransport>,
): Promise<Coordinator> {
  const { coordinator } = troupe.makeCoordinator(options);
  let started = false;
  void coordinator.start().then(() => {
    started = true;
  });
  await until(clock, () => expect(started).toBe(true));
  return coordinator;
}

const until = (clock: ManualClock, condition: () => void) =>
  vi.waitFor(() => {
    clock.advance(5);
    condition();
  });

const ofOnePartition = (count: number) =>
  Array.from({ length: 20 * count }, (_, index) => `t-${index}`)
    .filter((id) => partitionOf(id, troupe.partitions) === 0)
    .slice(0, count);

describe('I7: an event whose definition is not published yet', () => {
  test('waits, visibly, while all others go on; nothing is lost when the definition comes', async () => {
    const { coordinator } = await troupe.startCoordinator();
    await publish('early', saga);
    await vi.waitFor(() => {
      expect(coordinator.health().problems).toMatchObject([
        { code: 'key-waiting', subject: saga, message: expect.stringMatching(/^3 events wait/) },
      ]);
    });
    await publish('normal', undefined);
    await vi.waitFor(() => expect(troupe.phase('normal')).toBe('running'));
    await comes();
    await vi.waitFor(() => expect(troupe.phase('early')).toBe('completed'));
    expect(troupe.folded('early')?.saga).toBe(saga);
    expect(troupe.folded('early')?.deviations).toBe(0);
    expect(coordinator.health().problems).toEqual([]);
    expect(troupe.deadLetters).toEqual([]);
  });

  test('waits over a take-over, and is found by who has its partition then', async () => {
    const { coordinator, kill } = await troupe.startCoordinator();
    await publish('early', saga);
    await vi.waitFor(() => expect(coordinator.health().problems).toHaveLength(1));
    // What comes behind them in the log is on record, so they are, too.
    await publish('normal', undefined);
    await vi.waitFor(() => expect(troupe.phase('normal')).toBe('running'));
    kill();
    const second = await troupe.startCoordinator();
    await vi.waitFor(() => {
      expect(second.coordinator.health().problems).toMatchObject([
        { code: 'key-waiting', subject: saga },
      ]);
    });
    await comes();
    await vi.waitFor(() => expect(troupe.phase('early')).toBe('completed'));
    await second.coordinator.stop();
    // Nobody finds them again.
    const third = await troupe.startCoordinator();
    await vi.waitFor(() => expect(third.coordinator.health().ready).toBe(true));
    expect(third.coordinator.saga('book-trip', 'early')).toEqual(troupe.folded('early'));
    expect(troupe.folded('early')?.deviations).toBe(0);
  });

  test('is a dead letter when it does not come in time (definitionWaitMs)', async () => {
    const { coordinator } = await troupe.startCoordinator({ limits: { definitionWaitMs: 50 } });
    await publish('early', saga);
    await vi.waitFor(() => expect(troupe.deadLetters).toHaveLength(3));
    expect(troupe.deadLetters[0]).toEqual([
      'definition-unknown',
      `no definition ${saga} was published on troupe.definitions`,
    ]);
    expect(coordinator.health().problems).toEqual([]);
  });

  test('is none when the definition came in time, and folding was behind', async () => {
    const clock = await openWith(new ManualClock());
    const free = Promise.withResolvers<void>();
    let isBehind = false;
    const checkpoint = (at: Checkpoint) =>
      at === 'before commit' && isBehind ? free.promise : undefined;
    const limits = { definitionWaitMs: 1_000, commitRecordsMax: 1 };
    const coordinator = await startWith(clock, { checkpoint, limits });
    const [early = '', ...others] = ofOnePartition(4);
    await troupe.publish(new TripBooked({ id: early, cents: 5 }), { saga });
    await until(clock, () => expect(coordinator.health().problems).toHaveLength(1));
    isBehind = true;
    for (const id of others) await troupe.publish(new TripBooked({ id, cents: 5 }));
    await passSlowly(2_000, [clock], 10);
    await comes();
    await passSlowly(100, [clock], 10);
    free.resolve();
    await until(clock, () => expect(troupe.lifeOf(others[2] ?? '')).not.toEqual([]));
    await until(clock, () => expect(troupe.lifeOf(early)).not.toEqual([]));
    expect(troupe.deadLetters).toEqual([]);
  });

  test('is a dead letter at once when it is refused for good: another content for a version', async () => {
    await comes();
    const graph = { ...toGraph(next), hash: 'feedfeed' };
    const { coordinator } = await troupe.startCoordinator();
    await troupe.send({ ...writeDefinition(toGraph(next)), key: sagaRef(graph) });
    await publish('wrong', sagaRef(graph));
    await vi.waitFor(() => expect(troupe.deadLetters).toHaveLength(3));
    expect(troupe.deadLetters[0]?.[1]).toContain(`the definition ${sagaRef(graph)} is refused: `);
    expect(coordinator.health().problems).toEqual([]);
  });

  test('costs no look-up each: all that were sent together are looked for once', async () => {
    const clock = await openWith(new ManualClock());
    const strangers = ofOnePartition(50);
    for (const id of strangers) await troupe.publish(new TripBooked({ id, cents: 5 }), { saga });
    clock.advance(1_000);
    let lookUps = 0;
    const checkpoint = (at: Checkpoint) => {
      if (at === 'before record-definition') lookUps += 1;
    };
    const coordinator = await startWith(clock, { checkpoint });
    await until(clock, () => {
      expect(coordinator.health().problems[0]?.message).toMatch(/^50 events wait/);
    });
    expect(lookUps).toBe(1);
    // One that was sent later may name what was published meanwhile.
    clock.advance(1_000);
    const [, ...others] = ofOnePartition(51);
    await troupe.publish(new TripBooked({ id: others.at(-1) ?? '', cents: 5 }), { saga });
    await until(clock, () => expect(lookUps).toBe(2));
  });

  test.each([
    ['waitingEventsMax', { waitingEventsMax: 2 }],
    ['waitingBytesMax', { waitingBytesMax: 1 }],
  ])('is a dead letter at once when too many wait: %s (I8)', async (_, limits) => {
    await troupe.startCoordinator({ limits });
    await publish('many', saga);
    await vi.waitFor(() => expect(troupe.deadLetters.length).toBeGreaterThan(0));
    const before = troupe.deadLetters.length;
    await comes();
    await vi.waitFor(() => expect(troupe.lifeOf('many')).not.toEqual([]));
    expect(troupe.deadLetters).toHaveLength(before);
  });
});
