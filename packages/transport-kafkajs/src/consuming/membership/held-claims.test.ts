import { setImmediate } from 'node:timers/promises';
import { ManualClock } from '@troupe/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { surroundingsOf } from '../../client/kafka-client.ts';
import { DoneOffsets } from './done-offsets.ts';
import { GroupClaim } from './group-claim.ts';
import { HeldClaims } from './held-claims.ts';

const stepMs = 50;

describe('HeldClaims', () => {
  let clock: ManualClock;
  let committed: string[];
  let areRefused: boolean;
  let held: HeldClaims;

  beforeEach(() => {
    clock = new ManualClock();
    committed = [];
    areRefused = false;
    const limits = { commitIntervalMs: 100, commitTimeoutMs: 1_000, revokeTimeoutMs: 1_000 };
    const surroundings = surroundingsOf({ brokers: ['b:1'], clientId: 'c', clock, limits });
    const done = new DoneOffsets(surroundings, async (offsets) => {
      if (areRefused) throw new Error('not now');
      committed.push(...offsets.map(({ partition, offset }) => `${partition}@${offset}`));
    });
    held = new HeldClaims(surroundings, done);
  });

  function take(...partitions: number[]): GroupClaim[] {
    const claims = partitions.map((number) => new GroupClaim(number, held, new Map([['t', 0n]])));
    held.take(claims);
    return claims;
  }

  async function pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      clock.advance(stepMs);
      await setImmediate();
    }
  }

  it('what is done with a number is committed before it is given away', async () => {
    const [going] = take(0, 1);
    going?.markDone('t', 5n);
    await held.revoke(going === undefined ? [] : [going]);
    expect(committed).toEqual(['0@5']);
    expect(held.partitions).toEqual([1]);
  });

  it('what could not be committed of a number that was given away is not committed afterwards', async () => {
    const [going, staying] = take(0, 1);
    areRefused = true;
    going?.markDone('t', 5n);
    staying?.markDone('t', 7n);
    const revoked = held.revoke(going === undefined ? [] : [going]);
    await pass(2_000);
    await revoked;
    areRefused = false;
    await pass(1_000);
    expect(committed).toEqual(['1@7']);
    expect(held.partitions).toEqual([1]);
  });

  it('what is done with a number that came back meanwhile still counts', async () => {
    const before = take(0);
    areRefused = true;
    before[0]?.markDone('t', 5n);
    const revoked = held.revoke(before);
    await pass(100);
    held.drop();
    const [after] = take(0);
    after?.markDone('t', 9n);
    await pass(2_000);
    await revoked;
    areRefused = false;
    await pass(1_000);
    expect(committed).toEqual(['0@9']);
    expect(held.partitions).toEqual([0]);
  });
});
