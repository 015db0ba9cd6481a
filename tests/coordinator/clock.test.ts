import type { Checkpoint, CheckpointHook } from '@troupe/coordinator';
import { internalTopics, partitionOf } from '@troupe/core/internal';
import { ManualClock } from '@troupe/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
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

async function startTrip(id: string, limits = {}, checkpoint?: CheckpointHook): Promise<void> {
  let started = false;
  void troupe.startCoordinator({ clock: machine, limits, checkpoint }).then(() => {
    started = true;
  });
  await until(() => expect(started).toBe(true));
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
