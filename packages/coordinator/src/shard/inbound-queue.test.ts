import type { Claim, IncomingRecord } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import { InboundQueue } from './inbound-queue.ts';

const limits = { bufferedRecordsMax: 4, bufferedBytesMax: 100 };

class Bench {
  /** What was paused and resumed, in order. */
  readonly told: (readonly [what: 'pause' | 'resume', topics: readonly string[]])[] = [];
  readonly queue: InboundQueue;

  constructor() {
    const claim: Claim = {
      partition: 0,
      lost: new AbortController().signal,
      pause: (topics) => this.told.push(['pause', topics]),
      resume: (topics) => this.told.push(['resume', topics]),
      seek: () => undefined,
      markDone: () => undefined,
      position: () => 0n,
    };
    this.queue = new InboundQueue(claim, inputs, limits);
  }

  /** Takes from the queue until that tells somebody something. Returns how many it took. */
  takeUntilTold(): number {
    const before = this.told.length;
    let taken = 0;
    while (this.told.length === before && this.queue.shift() !== undefined) taken += 1;
    return taken;
  }
}

const inputs = ['shop', 'till'];
const paused = ['pause', inputs];
const resumed = ['resume', inputs];

const record = (bytes = 1, offset = 0): IncomingRecord => ({
  topic: 'shop',
  partition: 0,
  offset: BigInt(offset),
  key: null,
  value: new Uint8Array(bytes),
  headers: {},
  timestampMs: 0,
});

const records = (count: number) => Array.from({ length: count }, (_, offset) => record(1, offset));

describe('I8: the intake of a shard', () => {
  test('pauses, once, with more records than may wait, and goes on with less than half of them', () => {
    const bench = new Bench();
    for (const one of records(4)) bench.queue.push(one);
    expect(bench.told).toEqual([]);
    for (const one of records(2)) bench.queue.push(one);
    expect(bench.told).toEqual([paused]);
    expect(bench.takeUntilTold()).toBe(5);
    expect(bench.told).toEqual([paused, resumed]);
    for (const one of records(4)) bench.queue.push(one);
    expect(bench.told).toEqual([paused, resumed, paused]);
  });

  test('pauses with more bytes than may wait, and goes on with less than half of them', () => {
    const bench = new Bench();
    bench.queue.push(record(49));
    bench.queue.push(record(51));
    expect(bench.told).toEqual([]);
    bench.queue.push(record(49));
    expect(bench.told).toEqual([paused]);
    expect(bench.takeUntilTold()).toBe(2);
    expect(bench.told).toEqual([paused, resumed]);
    bench.queue.push(record(52));
    expect(bench.told).toEqual([paused, resumed, paused]);
    // One record is left, with more than half of the bytes.
    expect(bench.takeUntilTold()).toBe(2);
    expect(bench.told).toEqual([paused, resumed, paused, resumed]);
  });

  test('pauses for one record that is larger than all that may wait, and goes on without it', () => {
    const bench = new Bench();
    bench.queue.push(record(101));
    expect(bench.told).toEqual([paused]);
    expect(bench.takeUntilTold()).toBe(1);
    expect(bench.told).toEqual([paused, resumed]);
  });

  test.each([
    ['records', records(5)],
    ['bytes', [record(101)]],
  ])('pauses also for what goes before all others: %s', (_, first) => {
    const bench = new Bench();
    bench.queue.pushFirst(first);
    expect(bench.told).toEqual([paused]);
    expect(bench.takeUntilTold()).toBe(first.length > 1 ? 4 : 1);
    expect(bench.told).toEqual([paused, resumed]);
  });

  test('pauses with what is known of time, too, which waits there as records do', () => {
    const bench = new Bench();
    for (const one of records(4)) bench.queue.push(one);
    bench.queue.push({ knownUntilMs: 1 });
    expect(bench.told).toEqual([paused]);
  });
});

test('what waits is taken in order, however much was taken before, and what goes first is next', () => {
  const { queue } = new Bench();
  const all = records(5_000);
  const taken: unknown[] = [];
  for (const [at, one] of all.entries()) {
    queue.push(one);
    if (at % 3 > 0) taken.push(queue.shift());
  }
  const first = record(1, -1);
  queue.pushFirst([first]);
  expect(queue.shift()).toBe(first);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) taken.push(next);
  expect(taken).toEqual(all);
});
