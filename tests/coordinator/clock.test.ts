import type { Checkpoint, CheckpointHook } from '@troupe/coordinator';
import { silentLogger, toGraph } from '@troupe/core';
import { internalTopics, partitionOf, sagaRef } from '@troupe/core/internal';
import { ManualClock } from '@troupe/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import type { StartCoordinator } from '../installations/observed-installation.ts';
import {
  bookTrip,
  FlightHeld,
  HotelHeld,
  TripBooked,
  TripPaid,
} from '../installations/trip-saga.ts';
import { passSlowly as passSlowlyOn } from './pass-slowly.ts';

const hourMs = 3_600_000;

/** The broker's clock, by which it dates what is appended. */
let broker: ManualClock;
/** That of the coordinator's machine. */
let machine: ManualClock;
let troupe: MemoryInstallation;

beforeEach(async () => {
  broker = new ManualClock();
  machine = new ManualClock();
  troupe = new MemoryInstallation(bookTrip, broker);
  await troupe.open();
  await troupe.define();
});
afterEach(() => troupe.close());

/** Both clocks go on, in small steps, so that everybody can do what they do, until `condition` holds. */
async function until(condition: () => void, stepMs = 5): Promise<void> {
  await vi.waitFor(
    () => {
      pass(stepMs);
      condition();
    },
    { timeout: 10_000, interval: 2 },
  );
}

function pass(ms: number): void {
  broker.advance(ms);
  machine.advance(ms);
}

const passSlowly = (ms: number, clocks: readonly ManualClock[] = [broker, machine]) =>
  passSlowlyOn(ms, clocks);

/** Returns how to kill it. */
async function startCoordinator(options: Omit<StartCoordinator, 'around'>): Promise<() => void> {
  const { coordinator, kill } = troupe.makeCoordinator({ clock: machine, ...options });
  let started = false;
  void coordinator.start().then(() => {
    started = true;
  });
  await until(() => expect(started).toBe(true));
  return kill;
}

async function startTrip(id: string, limits = {}, checkpoint?: CheckpointHook): Promise<void> {
  await startCoordinator({ limits, checkpoint });
  await troupe.publish(new TripBooked({ id, cents: 500 }));
  await troupe.publish(new HotelHeld({ id }));
  await until(() => expect(troupe.lifeOf(id)).toHaveLength(2));
}

const types = (id: string) => troupe.lifeOf(id).map(({ type }) => type);

describe('rule 11: a time limit passes by the clock that dated its trigger', () => {
  test.each([
    ['forward', hourMs],
    ['back', -hourMs],
  ])('also when the clock of the coordinator is set %s by an hour', async (_, jumpMs) => {
    await startTrip('elder');
    await passSlowly(30_000);
    await troupe.publish(new TripBooked({ id: 'jumpy', cents: 500 }));
    machine.jump(jumpMs);
    await passSlowly(33_000);
    // Time was looked at, and had passed for the other alone.
    expect(types('elder')).toContain('step-timed-out');
    expect(types('jumpy')).toEqual(['saga-started']);
    await passSlowly(30_000);
    expect(types('jumpy')).toContain('step-timed-out');
  });

  test.each([
    ['ahead', hourMs],
    ['behind', -hourMs],
  ])('also when its clock is an hour %s from the first', async (_, jumpMs) => {
    machine.jump(jumpMs);
    await startTrip('skewed');
    await passSlowly(50_000);
    expect(types('skewed')).toEqual(['saga-started', 'step-succeeded']);
    await passSlowly(12_000);
    expect(types('skewed')).toContain('step-timed-out');
  });

  test('also when its clock is too fast: the broker is asked again before one passes', async () => {
    await startTrip('fast', { brokerTimeAgeMsMax: 10_000 });
    await passSlowly(65_000, [machine]);
    expect(types('fast')).toEqual(['saga-started', 'step-succeeded']);
    await passSlowly(62_000);
    expect(types('fast')).toContain('step-timed-out');
  });
});

test('rule 11: who is asked after a standstill has all of his time', async () => {
  const hung = Promise.withResolvers<void>();
  const free = Promise.withResolvers<void>();
  const checkpoint = async (at: Checkpoint) => {
    if (at !== 'after input-ends') return;
    hung.resolve();
    await free.promise;
  };
  await startTrip('still', { saga: { compensationTimeoutMs: 5 * 60_000 } }, checkpoint);
  await passSlowly(61_000);
  await hung.promise;
  pass(6 * 60_000);
  const freedMs = broker.nowMs();
  free.resolve();
  await passSlowly(4 * 60_000);
  expect(types('still')).toContain('compensation-requested');
  expect(types('still')).not.toContain('compensation-timed-out');
  for (const { atMs } of troupe.lifeOf('still').slice(2)) {
    expect(atMs).toBeGreaterThanOrEqual(freedMs);
  }
  await passSlowly(2 * 60_000);
  expect(types('still')).toContain('compensation-timed-out');
});

test('rule 11: who is asked by a commit that hung still has half of his time', async () => {
  const free = Promise.withResolvers<void>();
  let isReady = false;
  let isHung = false;
  const checkpoint = async (at: Checkpoint) => {
    if (at !== 'before commit' || !isReady) return;
    isHung = true;
    await free.promise;
  };
  await startTrip('hung', {}, checkpoint);
  isReady = true;
  await troupe.publish(new FlightHeld({ id: 'hung' }));
  await until(() => expect(isHung).toBe(true));
  await passSlowly(90_000);
  free.resolve();
  await passSlowly(30_000);
  expect(troupe.requestsOf('hung')).toEqual(['troupe.StepRequested pay']);
  await troupe.publish(new TripPaid({ id: 'hung' }));
  await passSlowly(65_000);
  expect(types('hung')).not.toContain('step-timed-out');
  expect(troupe.phase('hung')).toBe('completed');
});

describe('rule 12: an outcome that came before its start', () => {
  const id = 'early';
  const early = ['saga-awaited', 'step-succeeded'];

  /** A transaction of somebody else, behind which what comes after it cannot be read yet. Returns how to end it. */
  function holdBack(topic: string): () => void {
    const { log, partitions } = troupe;
    const somebody = 'somebody';
    const epoch = log.openTransactionalId(somebody);
    const partition = partitionOf(id, partitions);
    const record = { topic, partition, key: somebody, value: null, headers: {} };
    const open = log.beginTransaction(somebody, epoch, [record], hourMs);
    return () => log.commitTransaction(somebody, epoch, open);
  }

  const begin = () => troupe.publish(new TripBooked({ id, cents: 500 }));

  /** What comes to pass while the coordinator is down. Returns how the start comes to be read. */
  async function passUnread(): Promise<() => void> {
    const release = holdBack('trip');
    await begin();
    pass(hourMs / 3);
    return release;
  }

  async function jumpAhead(): Promise<() => Promise<void>> {
    machine.jump(hourMs / 3);
    return begin;
  }

  test.each([
    ['is unread while that time passes', passUnread],
    ['seems late by the clock of the coordinator', jumpAhead],
  ])('counts when the start comes in time, and %s (rule 11)', async (_, meanwhile) => {
    const kill = await startCoordinator({});
    await troupe.publish(new HotelHeld({ id }));
    await until(() => expect(types(id)).toEqual(early));
    kill();
    const release = await meanwhile();
    await troupe.publish(new FlightHeld({ id }));
    await startCoordinator({});
    await passSlowly(5_000);
    expect(types(id)).toEqual([...early, 'step-succeeded']);
    await release();
    await until(() => expect(types(id)).toContain('saga-started'));
    await until(() => expect(troupe.requestsOf(id)).toEqual(['troupe.StepRequested pay']));
    expect(types(id)).not.toContain('saga-forgotten');
  });

  test('is reported, and forgotten, when no start came in time', async () => {
    const warned: unknown[] = [];
    const logger = { ...silentLogger, warn: (...line: unknown[]) => void warned.push(line) };
    await startCoordinator({ logger, limits: { saga: { earlyRetentionMs: 60_000 } } });
    await troupe.publish(new HotelHeld({ id }));
    await until(() => expect(types(id)).toEqual(early));
    await passSlowly(58_000);
    expect([types(id), warned]).toEqual([early, []]);
    await passSlowly(4_000);
    expect(types(id)).toEqual([...early, 'saga-forgotten']);
    const message = 'outcomes are forgotten: the start of their saga did not come';
    const fields = { saga: sagaRef(toGraph(bookTrip)), sagaId: id };
    expect(warned).toEqual([[message, fields]]);
  });
});

test.each([
  ['commitRecordsMax', { commitRecordsMax: 10 }],
  ['commitBytesMax', { commitBytesMax: 10_000 }],
])('I8: many time limits that pass at once are committed in slices: %s', async (_, limits) => {
  await startTrip('first', limits);
  // All in one partition: the key says which saga, not where.
  const ids = Array.from({ length: 400 }, (_, index) => `t-${index}`)
    .filter((id) => partitionOf(id, troupe.partitions) === 0)
    .slice(0, 60);
  for (const id of ids) await troupe.publish(new TripBooked({ id, cents: 500 }));
  const timedOut = (id: string) => types(id).includes('step-timed-out');
  await until(() => expect(ids.filter((id) => troupe.lifeOf(id).length > 0)).toEqual(ids));
  const before = offsetsWritten();
  broker.advance(61_000);
  machine.advance(61_000);
  await until(() => expect(ids.filter(timedOut)).toEqual(ids), 1);
  expect(offsetsWritten() - before).toBeGreaterThanOrEqual(ids.length / 10);
});

/** Each commit writes them once. */
const offsetsWritten = () =>
  troupe.records.filter(
    ({ topic, partition, key }) =>
      topic === internalTopics.state && partition === 0 && key === 'offsets',
  ).length;
