import { Buffer } from 'node:buffer';
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

const textOf = ({ key }: IncomingRecord): string => Buffer.from(key ?? []).toString('utf8');

const sharing = (records: number) => {
  const held = { records, bytes: 1_000_000 };
  return { buffered: held, parked: held };
};

/** A claim that keeps what it was told. */
function fakeClaim() {
  const done = new Map<string, bigint>();
  const losing = new AbortController();
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
    position: () => 0n,
  };
  return { claim, done, isPaused: () => paused, lose: () => losing.abort() };
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
          const open = new Set<IncomingRecord>();
          const arrived: IncomingRecord[] = [];
          const endOne = async () => {
            const all = [...work.running.values()];
            const one = all[pick.next().value % Math.max(all.length, 1)];
            if (one === undefined) return;
            open.delete(one.queued.record);
            one.end();
            await settle();
          };
          const check = () => {
            for (const [topic, offset] of done) {
              for (const one of open)
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
              open.add(one);
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
