import type { CheckpointHook } from '@troupe/coordinator';
import { ManualClock } from '@troupe/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import { bookTrip, FlightHeld, HotelHeld, TripBooked } from '../installations/trip-saga.ts';

let clock: ManualClock;
let troupe: MemoryInstallation;

beforeEach(async () => {
  clock = new ManualClock();
  troupe = new MemoryInstallation(bookTrip, clock);
  await troupe.open();
  await troupe.define();
});
afterEach(() => troupe.close());

/** Time passes while the condition is waited for. */
const until = (condition: () => void) =>
  vi.waitFor(
    () => {
      clock.advance(5);
      condition();
    },
    { timeout: 10_000, interval: 2 },
  );

test('rule 11: no time limit passes of what is delivered and not folded while a partition is given up', async () => {
  const id = 'leaving';
  const committing = gate();
  const asking = gate();
  const checkpoint: CheckpointHook = async (at) => {
    if (at === 'before commit') await committing.passed;
    if (at === 'after input-ends') await asking.passed;
    if (at === 'amid drain') {
      committing.open();
      asking.open();
    }
  };
  const leaving = troupe.makeCoordinator({ checkpoint, limits: { commitRecordsMax: 1 } });
  void leaving.coordinator.start();
  await until(() => expect(leaving.coordinator.health().ready).toBe(true));
  await troupe.publish(new TripBooked({ id, cents: 500 }));
  await until(() => expect(troupe.lifeOf(id)).toHaveLength(1));

  // One batch is being written, the next one is full: what comes after waits in the queue.
  committing.close();
  asking.close();
  await troupe.publish(new TripBooked({ id, cents: 500 }), { id: 'again' });
  await until(() => expect(committing.waiting).toBe(1));
  await troupe.publish(new TripBooked({ id, cents: 500 }), { id: 'once more' });
  await troupe.publish(new HotelHeld({ id }));
  await troupe.publish(new FlightHeld({ id }));
  clock.advance(61_000);
  await until(() => expect(asking.waiting).toBeGreaterThan(0));

  let isStopped = false;
  void leaving.coordinator.stop().then(() => {
    isStopped = true;
  });
  await until(() => expect(isStopped).toBe(true));
  void troupe.startCoordinator({ clock });
  await until(() => expect(types(id)).toContain('step-requested'));
  expect(types(id)).not.toContain('step-timed-out');
});

const types = (id: string) => troupe.lifeOf(id).map(({ type }) => type);

/** Open at first. */
function gate() {
  let { promise, resolve } = Promise.withResolvers<void>();
  resolve();
  let waiting = 0;
  return {
    get waiting() {
      return waiting;
    },
    get passed() {
      waiting += 1;
      return promise.then(() => {
        waiting -= 1;
      });
    },
    close() {
      ({ promise, resolve } = Promise.withResolvers<void>());
    },
    open() {
      resolve();
    },
  };
}
