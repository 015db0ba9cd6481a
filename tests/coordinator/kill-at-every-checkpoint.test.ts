import { checkpoints } from '@troupe/coordinator';
import { describe, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';
import { bookTrip } from '../installations/trip-saga.ts';
import { Trips } from '../installations/trips.ts';
import { type Kill, startVictim } from '../installations/victim.ts';

/** What never gets its definition waits over a commit or two. */
const limits = {
  takeOverDelayMs: 10,
  sessionTimeoutMs: 100,
  recordIntervalMs: 10,
  definitionWaitMs: 50,
};
const patience = { timeout: 20_000, interval: 10 };

/** The passages are those of the victim's three shards. */
const kills: readonly Kill[] = [
  ...[1, 2].flatMap((passage) => checkpoints.map((at) => ({ at, passage, turns: 0 }))),
  ...[3, 5].flatMap((passage) => [
    { at: 'before commit', passage, turns: 0 } as const,
    { at: 'after commit', passage, turns: 0 } as const,
    ...[0, 1, 2, 3].map((turns) => ({ at: 'amid commit', passage, turns }) as const),
  ]),
];

describe('I1, I5, I10: a coordinator that is killed', { concurrent: true }, () => {
  test.each(kills)('$at, passage $passage, $turns turns later', async (kill) => {
    const troupe = new MemoryInstallation(bookTrip);
    const trips = new Trips(troupe);
    try {
      await troupe.open();
      await trips.start();
      const victim = startVictim(troupe, kill, limits);
      await trips.book(12);
      await trips.sendStrangers();
      // Whatever it waits for, it comes to that while trips are booked.
      await vi.waitFor(async () => {
        if (victim.isAlive) await trips.book(3);
        if (victim.isAlive) throw new Error(`it never came to be ${kill.at}`);
      }, patience);
      const { coordinator } = await troupe.startCoordinator({ limits });
      await trips.book(9);
      await vi.waitFor(() => trips.expectEnded(), patience);
      await vi.waitFor(() => trips.expectOneTruth([coordinator]), patience);
      await vi.waitFor(() => trips.expectNothingTwice(), patience);
    } finally {
      await troupe.close();
    }
  });
});
