import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';
import { calmRequestQueue } from './calm-request-queue.ts';

const clientRequire = createRequire(import.meta.url);
const RequestQueue = clientRequire('kafkajs/src/network/requestQueue/index.js');
const quiet = { debug: () => undefined };
const entry = (correlationId: number) => ({ correlationId, resolve: () => undefined });

afterEach(() => {
  // A spy on a fake timer would put that back when the real ones are in place again.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const options = { maxInFlightRequests: 1, requestTimeout: 1_000, logger: quiet };

function queueOfOne() {
  calmRequestQueue();
  calmRequestQueue();
  vi.useFakeTimers();
  return new RequestQueue(options);
}

/** As it is on disk, whatever was done to the one that is in use. */
function bareQueue() {
  const path = clientRequire.resolve('kafkajs/src/network/requestQueue/index.js');
  const used = clientRequire.cache[path];
  delete clientRequire.cache[path];
  const Bare = clientRequire(path);
  clientRequire.cache[path] = used;
  vi.useFakeTimers();
  return new Bare(options);
}

function askAndAnswer(queue: ReturnType<typeof queueOfOne>): void {
  queue.push({ entry: entry(1), expectResponse: true, sendRequest: () => undefined });
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
}

test('kafkajs: a timer of a negative delay sets itself again for ever', () => {
  const queue = bareQueue();
  const setTimer = vi.spyOn(globalThis, 'setTimeout');
  askAndAnswer(queue);
  vi.advanceTimersByTime(100);
  expect(setTimer.mock.calls.length).toBeGreaterThan(50);
  for (const [, delayMs] of setTimer.mock.calls) expect(delayMs).toBeLessThan(0);
  queue.destroy();
});

test('a connection on which nothing waits sets no timer', () => {
  const queue = queueOfOne();
  askAndAnswer(queue);
  expect(vi.getTimerCount()).toBe(0);
});

test('a request that the broker has throttled is sent when that is over', () => {
  const queue = queueOfOne();
  const sent: number[] = [];
  queue.maybeThrottle(50);
  queue.push({ entry: entry(1), expectResponse: true, sendRequest: () => sent.push(1) });
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(51);
  expect(sent).toEqual([1]);
  expect(vi.getTimerCount()).toBe(0);
});
