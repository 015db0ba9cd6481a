import { type LogFields, silentLogger, TransportError } from '@troupe/core';
import { hashOfGraph, type SagaGraph, sagaRef, writeDefinition } from '@troupe/core/internal';
import { ManualClock } from '@troupe/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DefinitionBook } from './definition-book.ts';
import { DefinitionJudge } from './definition-judge.ts';

/** A saga whose events have a topic to themselves. */
function sagaOn(topic: string, name = `saga-of-${topic}`): SagaGraph {
  const event = (type: string) => ({ type: `${topic}.${type}`, topic, fingerprint: 'f' });
  const content = {
    startsOn: event('Begun'),
    timeoutMs: 1_000,
    steps: [
      {
        name: 'end',
        shape: 'single',
        dependencies: [{ name: '', outcome: 'succeeded', required: true }],
        emits: event('Ended'),
        pivot: false,
        conditional: false,
        timeoutMs: 100,
      },
    ],
  } as const;
  return { name, version: 1, hash: hashOfGraph(content), ...content };
}
const [bad, good, later] = [sagaOn('bad'), sagaOn('good'), sagaOn('later')];
const denied = new TransportError('not-authorized', 'not authorized');
const away = new TransportError('transport-unavailable', 'no leader');

let clock: ManualClock;
let book: DefinitionBook;
let judge: DefinitionJudge;
let asked: string[];
let fault: Error | undefined;
let admissions: number;
let refusals: string[];

beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  refusals = [];
  fault = undefined;
  admissions = 0;
  const onError = (message: string, fields?: LogFields) =>
    refusals.push(`${fields?.saga ?? message}`);
  const logger = { ...silentLogger, error: onError };
  book = new DefinitionBook(10, logger);
  judge = new DefinitionJudge({
    topics: {
      partitionCounts: async (topics) => {
        asked.push(...topics);
        if (topics.includes('bad') && fault !== undefined) throw fault;
        return new Map(topics.map((topic) => [topic, 3]));
      },
    },
    book,
    clock,
    logger,
    partitionCount: 3,
    onAdmitted: () => {
      admissions += 1;
    },
  });
});
afterEach(() => judge.stop());

const never = new AbortController().signal;
const inUse = () => book.admitted.map(({ name }) => name);

function publish(...graphs: readonly SagaGraph[]): void {
  const candidates = graphs.flatMap((graph) => {
    const { topic, key, value } = writeDefinition(graph);
    const place = { topic, partition: 0, offset: 0n, timestampMs: 0 };
    return book.offer({ ...place, key: Buffer.from(key), value, headers: {} }) ?? [];
  });
  judge.judge(candidates);
}

/** Whether `judged` has resolved by now; asks until `stop`. */
function waitForAll() {
  const waiter = { isDone: false };
  void judge.judged(never).then(() => {
    waiter.isDone = true;
  });
  return waiter;
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50);
    await settle();
  }
}

test('what comes together is taken into use together, and each topic is asked for once', async () => {
  publish(good, sagaOn('good', 'another'), later);
  await judge.judged(never);
  expect(inUse()).toEqual([good.name, 'another', later.name]);
  expect([asked, admissions]).toEqual([['good', 'later'], 1]);
});

describe('I9: a definition whose topic cannot be looked up', () => {
  test.each([
    ['may not be seen', denied],
    ['has no leader', away],
  ])('keeps no other one from being judged: it %s', async (_, error) => {
    fault = error;
    publish(bad, good);
    await vi.waitFor(() => expect(inUse()).toEqual([good.name]));
    publish(later);
    await vi.waitFor(() => expect(inUse()).toEqual([good.name, later.name]));
  });

  test('is refused at once where asking again does not help, and nobody waits for it', async () => {
    fault = denied;
    publish(bad);
    await judge.judged(never);
    const reason =
      'its topic bad cannot be looked up: not authorized. May the coordinator read it, and has each of its ' +
      'partitions a leader?';
    expect(book.refused).toEqual([{ saga: sagaRef(bad), reason }]);
  });

  test('is in use once it can be looked up', async () => {
    fault = denied;
    publish(bad);
    await judge.judged(never);
    fault = undefined;
    await pass(4_900);
    expect(inUse()).toEqual([]);
    await pass(200);
    expect([inUse(), book.refused, admissions]).toEqual([[bad.name], [], 1]);
  });

  test('is waited for, and not refused, where the broker answers soon', async () => {
    fault = away;
    publish(bad);
    const waiter = waitForAll();
    await pass(250);
    expect([waiter.isDone, book.refused]).toEqual([false, []]);
    expect(book.faultOf(sagaRef(bad))).toBe('its topics were not looked up yet');
    fault = undefined;
    await pass(250);
    expect([waiter.isDone, inUse(), refusals]).toEqual([true, [bad.name], []]);
  });

  test('is not waited for for ever, and not again by those who ask later', async () => {
    fault = away;
    publish(bad);
    const waiter = waitForAll();
    const noLeader = [{ saga: sagaRef(bad), reason: expect.stringContaining('no leader') }];
    await pass(4_900);
    expect(book.refused).toEqual([]);
    await pass(5_100);
    expect(book.refused).toMatchObject(noLeader);
    await pass(49_900);
    expect(waiter.isDone).toBe(false);
    await pass(100);
    expect(waiter.isDone).toBe(true);
    await judge.judged(never);
    expect(book.refused).toMatchObject(noLeader);
    fault = undefined;
    await pass(5_000);
    expect(inUse()).toEqual([bad.name]);
  });

  test('is not waited for by who is stopped', async () => {
    fault = away;
    publish(bad);
    const stopping = new AbortController();
    const waiting = judge.judged(stopping.signal);
    stopping.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(judge.judged(stopping.signal)).rejects.toThrow('stopped');
  });
});

test('after the stop no topic is asked for, and nothing is said of one', async () => {
  fault = away;
  publish(bad, good);
  judge.stop();
  await pass(20_000);
  expect([asked, refusals, clock.nextTimerMs]).toEqual([[], [], undefined]);
});
