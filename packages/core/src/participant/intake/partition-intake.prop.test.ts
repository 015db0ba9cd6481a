import { Buffer } from 'node:buffer';
import { ManualClock } from '@troupe/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../ports/system-clock.ts';
import type { Claim, IncomingRecord } from '../../ports/transport.ts';
import type { QueuedRecord } from './key-lane.ts';
import { PartitionIntake, type PartitionIntakeOptions } from './partition-intake.ts';

const topics = ['a', 'b'];

function record(topic: string, offset: bigint, key: string): IncomingRecord {
  return {
    topic,
    partition: 0,
    offset,
    key: Buffer.from(key),
    value: null,
    headers: {},
    timestampMs: 0,
  };
}

const placeOf = ({ topic, offset }: IncomingRecord): string => `${topic} ${offset}`;
const textOf = ({ key }: IncomingRecord): string => Buffer.from(key ?? []).toString('utf8');

const sharing = (records: number) => {
  const held = { records, bytes: 1_000_000 };
  return { buffered: held, parked: held };
};

/** A claim that keeps what it was told. */
function fakeClaim() {
  const done = new Map<string, bigint>();
  const losing = new AbortController();
  const positions = new Map<string, bigint>();
  let paused = false;
  const claim: Claim = {
    partition: 0,
    lost: losing.signal,
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
    },
    seek: () => undefined,
    markDone: (topic, offset) => {
      expect(offset > (done.get(topic) ?? -1n)).toBe(true);
      done.set(topic, offset);
    },
    position: (topic) => positions.get(topic) ?? 0n,
  };
  return { claim, done, positions, isPaused: () => paused, lose: () => losing.abort() };
}

/** Records of one key are never at work together; the test ends them in any order. */
function heldWork() {
  const running = new Map<string, { readonly queued: QueuedRecord; readonly end: () => void }>();
  const begun: IncomingRecord[] = [];
  const process = (queued: QueuedRecord) => {
    const key = textOf(queued.record);
    expect(running.has(key)).toBe(false);
    begun.push(queued.record);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    running.set(key, { queued, end: () => resolve(true) });
    return promise.finally(() => running.delete(key));
  };
  return { running, begun, process };
}

/** Works on all that comes; waits long for what was begun. */
function intakeOf(claim: Claim, process: PartitionIntakeOptions['process']): PartitionIntake {
  return new PartitionIntake({
    claim,
    topics,
    clock: systemClock,
    drainTimeoutMs: 60_000,
    sort: () => ({ kind: 'unreadable', fault: 'kept' }),
    process,
    share: () => sharing(100),
  });
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
};

describe('the intake of a partition number', () => {
  const arrivals = fc.array(
    fc.record({
      topic: fc.constantFrom(...topics),
      key: fc.constantFrom('1', '2', '3'),
      gap: fc.nat(2),
      passes: fc.boolean(),
    }),
    { maxLength: 40 },
  );

  it('keeps the order of each key, marks only what is done, holds no more than its share', async () => {
    const picks = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(
        arrivals,
        picks,
        fc.integer({ min: 1, max: 6 }),
        async (all, pick, share) => {
          const { claim, done, isPaused } = fakeClaim();
          const work = heldWork();
          const passing = new Set<IncomingRecord>();
          const intake = new PartitionIntake({
            claim,
            topics,
            clock: systemClock,
            drainTimeoutMs: 1_000,
            sort: (one) =>
              passing.has(one) ? { kind: 'pass' } : { kind: 'unreadable', fault: 'kept' },
            process: work.process,
            share: () => sharing(share),
          });
          const next = new Map(topics.map((topic) => [topic, 0n]));
          const open = new Map<string, IncomingRecord>();
          const arrived: IncomingRecord[] = [];
          const endOne = async () => {
            const all = [...work.running.values()];
            const one = all[pick.next().value % Math.max(all.length, 1)];
            if (one === undefined) return;
            open.delete(placeOf(one.queued.record));
            one.end();
            await settle();
          };
          const check = () => {
            for (const [topic, offset] of done) {
              for (const one of open.values())
                expect(one.topic === topic && one.offset < offset).toBe(false);
            }
            expect(open.size).toBeLessThanOrEqual(share);
          };
          for (const { topic, key, gap, passes } of all) {
            while (isPaused()) await endOne();
            const offset = (next.get(topic) ?? 0n) + BigInt(gap);
            next.set(topic, offset + 1n);
            const one = record(topic, offset, key);
            if (passes) passing.add(one);
            else {
              open.set(placeOf(one), one);
              arrived.push(one);
            }
            intake.onRecords([one]);
            await settle();
            check();
            if (pick.next().value % 3 === 0) await endOne();
            check();
          }
          while (work.running.size > 0) await endOne();
          for (const key of ['1', '2', '3']) {
            const ofKey = (list: readonly IncomingRecord[]) =>
              list.filter((one) => textOf(one) === key);
            expect(ofKey(work.begun)).toEqual(ofKey(arrived));
          }
          const seen = new Set(all.map(({ topic }) => topic));
          for (const topic of seen) expect(done.get(topic)).toBe(next.get(topic));
        },
      ),
    );
  });

  it('leaves the rest of a key undone when one of its records is, and nothing else', async () => {
    const { claim, done } = fakeClaim();
    const begun: string[] = [];
    const intake = intakeOf(claim, async ({ record: one }) => {
      begun.push(`${textOf(one)} ${one.offset}`);
      return textOf(one) !== 'bad';
    });
    const keys = ['good', 'bad', 'bad', 'good'];
    intake.onRecords(keys.map((key, n) => record('a', BigInt(n), key)));
    await settle();
    intake.onRecords([record('a', 4n, 'bad')]);
    await settle();
    expect(begun.toSorted()).toEqual(['bad 1', 'good 0', 'good 3']);
    expect(done.get('a')).toBe(1n);
  });

  it('begins nothing after it was revoked, and waits for what was begun', async () => {
    const { claim } = fakeClaim();
    const work = heldWork();
    const intake = intakeOf(claim, work.process);
    intake.onRecords([record('a', 0n, '1'), record('a', 1n, '1'), record('a', 2n, '2')]);
    let isRevoked = false;
    const revoked = intake.onRevoked().then(() => {
      isRevoked = true;
    });
    intake.onRecords([record('a', 3n, '3')]);
    await settle();
    expect(isRevoked).toBe(false);
    for (const { end } of [...work.running.values()]) end();
    await revoked;
    expect(work.begun.map(({ offset }) => offset)).toEqual([0n, 2n]);
  });

  it('holds of what is parked nothing but itself in memory (I8)', async () => {
    const { claim } = fakeClaim();
    const fetched = new Uint8Array(1_000_000);
    const texts = ['key', 'value', 'header'].map((text, at) => {
      Buffer.from(text).copy(fetched, at * 10);
      return fetched.subarray(at * 10, at * 10 + text.length);
    });
    const [key = null, value = null, id = new Uint8Array()] = texts;
    const one = { ...record('a', 0n, ''), key, value, headers: { id } };
    const clock = new ManualClock();
    const seen: IncomingRecord[] = [];
    const intake = intakeOf(claim, async ({ record: held, offset }, tenure) => {
      if (offset === 0n) await tenure.wait(clock, 1_000, 'ending');
      seen.push(held);
      return true;
    });
    intake.onRecords([one, { ...one, offset: 1n }]);
    await settle();
    intake.onRecords([{ ...one, offset: 2n }]);
    clock.advance(1_000);
    await settle();
    expect(seen.map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
    for (const { key, value, headers } of seen) {
      const bytes = [key, value, headers['id']].map((some) => some ?? new Uint8Array());
      expect(bytes.map(({ buffer }) => buffer.byteLength)).toEqual([3, 5, 6]);
      expect(bytes.map((some) => Buffer.from(some).toString())).toEqual(['key', 'value', 'header']);
    }
  });

  it('takes for done what is passed over behind all that is done, and nothing once it is ending', async () => {
    const { claim, done, positions } = fakeClaim();
    const work = heldWork();
    const intake = intakeOf(claim, work.process);
    positions.set('b', 7n);
    intake.onPassed('b');
    intake.onRecords([record('a', 0n, '1')]);
    positions.set('a', 3n);
    intake.onPassed('a');
    expect([...done]).toEqual([['b', 7n]]);
    const ended = intake.onRevoked();
    positions.set('a', 9n);
    intake.onRecords([record('a', 8n, '2')]);
    intake.onPassed('a');
    for (const { end } of [...work.running.values()]) end();
    await ended;
    expect(done.get('a')).toBe(3n);
  });

  it('begins nothing after its claim was lost, and ends what was begun', async () => {
    const { claim, lose } = fakeClaim();
    const work = heldWork();
    const phases: boolean[] = [];
    const intake = intakeOf(claim, (queued, tenure) => {
      tenure.when('over', () => phases.push(work.running.size > 0));
      return work.process(queued);
    });
    intake.onRecords([record('a', 0n, '1'), record('a', 1n, '1'), record('a', 2n, '2')]);
    lose();
    intake.onRecords([record('a', 3n, '3')]);
    await settle();
    expect(phases).toEqual([]);
    for (const { end } of [...work.running.values()]) end();
    await intake.end();
    expect(work.begun.map(({ offset }) => offset)).toEqual([0n, 2n]);
    expect(phases).toEqual([false, false]);
  });
});
