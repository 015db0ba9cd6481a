import type { OutgoingRecord } from '@troupe/core';
import { evolve, type SagaEvent } from '@troupe/core/internal';
import { ManualClock } from '@troupe/testing';
import { describe, expect, test } from 'vitest';
import { defaultCoordinatorLimits } from '../../coordinator-limits.ts';
import type { WaitFor } from '../checkpoints.ts';
import { newEntry, type SagaEntry } from '../state/saga-entry.ts';
import type { CommitBatch } from './commit-batch.ts';
import { Committer } from './committer.ts';

const started: SagaEvent = {
  type: 'saga-started',
  saga: 'place-order@1#aaaaaaaa',
  sagaId: 's',
  eventId: 'e',
  stamped: true,
  deadlineMs: 1_000,
  atMs: 0,
};

function startedSaga(): SagaEntry {
  const progress = evolve(undefined, started);
  if (progress === undefined) throw new Error('a start begins a saga');
  return newEntry('place-order', progress, {});
}

class Bench {
  readonly clock = new ManualClock();
  readonly committed: (readonly OutgoingRecord[])[] = [];
  readonly failures: unknown[] = [];
  readonly committer: Committer;
  fault: Error | undefined;

  constructor(waitFor: WaitFor, limits = defaultCoordinatorLimits) {
    this.committer = new Committer({
      claim: {
        partition: 0,
        lost: new AbortController().signal,
        pause: () => undefined,
        resume: () => undefined,
        seek: () => undefined,
        markDone: () => undefined,
        position: () => 0n,
      },
      producer: {
        commit: async (records) => {
          if (this.fault !== undefined) throw this.fault;
          this.committed.push(records);
        },
        close: async () => undefined,
      },
      clock: this.clock,
      nowMs: () => this.clock.nowMs(),
      limits,
      inputs: ['shop'],
      waitFor,
      offsets: new Map(),
      onCommitted: () => undefined,
      onFailed: (error) => this.failures.push(error),
    });
  }
}

test('I5: a saga is written as it was at the offsets that are written with it', async () => {
  const free = Promise.withResolvers<void>();
  const bench = new Bench(async (wait, begin) => {
    if (wait === 'commit') await free.promise;
    return begin();
  });
  const { committer } = bench;
  const entry = startedSaga();
  committer.batch.change(entry);
  committer.advance('shop', 0n);
  const flushed = committer.flush();
  // The next batch changes the same object, while the commit of the first one has not begun.
  entry.revision += 1;
  free.resolve();
  await flushed;
  const [state] = bench.committed[0] ?? [];
  expect(Buffer.from(state?.value ?? []).toString()).toContain('"revision":0');
});

test('I5: after a failed commit nothing is committed any more', async () => {
  const bench = new Bench((_, begin) => begin());
  const { committer, clock, committed, failures } = bench;
  bench.fault = new Error('fenced');
  committer.advance('shop', 0n);
  await committer.flush();
  bench.fault = undefined;
  committer.advance('shop', 1n);
  committer.schedule();
  clock.advance(60_000);
  await committer.flush();
  expect([failures, committed]).toEqual([[new Error('fenced')], []]);
});

const record: OutgoingRecord = { topic: 't', key: 'k', value: Buffer.from('x'), headers: {} };
const offsetsAlone = () => undefined;
const lifeCycle = (batch: CommitBatch) => batch.lifeCycle(record);
const request = (batch: CommitBatch) => batch.request({ record, sent: () => undefined });

describe('a batch is committed', () => {
  const intervals = { commitIntervalMs: 5, recordIntervalMs: 100, offsetsIntervalMs: 1_000 };

  function scheduled(limits: Partial<typeof defaultCoordinatorLimits> = {}) {
    const all = { ...defaultCoordinatorLimits, ...intervals, ...limits };
    const { committer, clock, committed } = new Bench((_, begin) => begin(), all);
    let offset = 0n;
    /** As when something is folded. */
    const fold = (write: (batch: CommitBatch) => void) => {
      write(committer.batch);
      committer.advance('shop', offset);
      offset += 1n;
      committer.schedule();
    };
    return { clock, committed, fold };
  }

  test.each([
    ['offsets alone', intervals.offsetsIntervalMs, [offsetsAlone]],
    ['life-cycle records', intervals.recordIntervalMs, [offsetsAlone, lifeCycle]],
    ['requests', intervals.commitIntervalMs, [offsetsAlone, lifeCycle, request]],
    ['requests, also when less came later', intervals.commitIntervalMs, [request, lifeCycle]],
  ])('with the interval of what is in it: %s', (_, intervalMs, writes) => {
    const { clock, committed, fold } = scheduled();
    for (const write of writes) fold(write);
    clock.advance(intervalMs - 1);
    expect(committed).toEqual([]);
    clock.advance(1);
    expect(committed).toHaveLength(1);
  });

  test('an interval after the first of its records, however many follow', () => {
    const { clock, committed, fold } = scheduled();
    fold(lifeCycle);
    clock.advance(60);
    fold(lifeCycle);
    clock.advance(39);
    expect(committed).toEqual([]);
    clock.advance(1);
    expect(committed).toHaveLength(1);
  });

  test.each([
    ['commitRecordsMax', { commitRecordsMax: 3 }],
    // Each life-cycle record has one.
    ['commitBytesMax', { commitBytesMax: 3 }],
  ])('at once when it is full: %s', (_, limits) => {
    const { committed, fold } = scheduled(limits);
    fold(lifeCycle);
    fold(lifeCycle);
    expect(committed).toEqual([]);
    fold(lifeCycle);
    expect(committed).toHaveLength(1);
  });
});
