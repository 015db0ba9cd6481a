import { setImmediate } from 'node:timers/promises';
import { silentLogger } from '@troupe/core';
import { ManualClock } from '@troupe/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { surroundingsOf } from '../../client/kafka-client.ts';
import { DoneOffsets } from './done-offsets.ts';

const stepMs = 50;

describe('DoneOffsets', () => {
  let clock: ManualClock;
  let commits: string[];
  let refusals: number;
  let done: DoneOffsets;
  let answered: Promise<void>;
  let duringCommit: () => void;
  let warnings: string[];

  beforeEach(() => {
    clock = new ManualClock();
    commits = [];
    refusals = 0;
    answered = Promise.resolve();
    duringCommit = () => undefined;
    warnings = [];
    const logger = { ...silentLogger, warn: (text: string) => warnings.push(text) };
    const limits = { commitIntervalMs: 100, commitTimeoutMs: 1_000 };
    const surroundings = surroundingsOf({ brokers: ['b:1'], clientId: 'c', clock, logger, limits });
    done = new DoneOffsets(surroundings, async (offsets) => {
      const text = offsets.map(({ partition, offset }) => `${partition}@${offset}`).join(' ');
      duringCommit();
      await answered;
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('not now');
      }
      commits.push(text);
    });
  });

  /** Time passes in steps, so that what waits for it can go on and wait again. */
  async function pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      clock.advance(stepMs);
      await setImmediate();
    }
  }

  it('commits the newest of each partition, together, in the background', async () => {
    done.mark('t', 0, 1n);
    done.mark('t', 1, 5n);
    done.mark('t', 0, 2n);
    expect(commits).toEqual([]);
    await pass(100);
    expect(commits).toEqual(['0@2 1@5']);
    await pass(1_000);
    expect(commits).toHaveLength(1);
  });

  it('tries again what was refused, unless something newer was marked', async () => {
    refusals = 1;
    done.mark('t', 0, 1n);
    done.mark('t', 1, 1n);
    await pass(100);
    done.mark('t', 0, 2n);
    await pass(100);
    expect(commits).toEqual(['0@2 1@1']);
  });

  it('flush tries until it is done', async () => {
    refusals = 3;
    done.mark('t', 0, 1n);
    const flushed = done.flush([0]);
    await pass(500);
    await flushed;
    expect(commits).toEqual(['0@1']);
  });

  it('flush gives up after its time', async () => {
    refusals = 1_000;
    done.mark('t', 0, 1n);
    const flushed = done.flush([0]);
    await pass(2_000);
    await flushed;
    expect(commits).toEqual([]);
  });

  it('flush waits for what it was asked for alone, however much is marked of others meanwhile', async () => {
    duringCommit = () => done.mark('t', 1, BigInt(commits.length));
    done.mark('t', 0, 1n);
    const flushed = done.flush([0]).then(() => commits.push('flushed'));
    await pass(2_000);
    await flushed;
    expect(commits.slice(0, 2)).toEqual(['0@1', 'flushed']);
    expect(warnings).toEqual([]);
  });

  it('nor does it end before what is on its way is committed', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answered = promise;
    done.mark('t', 0, 1n);
    await pass(100);
    const flushed = done.flush([0]).then(() => commits.push('flushed'));
    await setImmediate();
    resolve();
    await flushed;
    expect(commits).toEqual(['0@1', 'flushed']);
  });

  it('what was dropped is never committed', async () => {
    done.mark('t', 0, 1n);
    done.drop();
    await pass(1_000);
    await done.flush([0]);
    expect(commits).toEqual([]);
  });

  it('what is being committed when the session is lost is not committed for a later one', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    answered = promise;
    done.mark('t', 0, 1n);
    await pass(100);
    done.drop();
    reject(new Error('UNKNOWN_MEMBER_ID'));
    answered = Promise.resolve();
    await pass(100);
    done.mark('t', 1, 1n);
    await pass(1_000);
    expect(commits).toEqual(['1@1']);
  });

  it('what is being committed when its partition is given away is not committed afterwards', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    answered = promise;
    done.mark('t', 0, 1n);
    done.mark('t', 1, 1n);
    await pass(100);
    done.mark('t', 0, 2n);
    done.forget(0);
    reject(new Error('not now'));
    answered = Promise.resolve();
    await pass(1_000);
    expect(commits).toEqual(['1@1']);
  });
});
