import { createRequire } from 'node:module';
import { afterEach, expect, test, vi } from 'vitest';
import { calmRequestQueue } from './calm-request-queue.ts';

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js');
const quiet = { debug: () => undefined };
const entry = (correlationId: number) => ({ correlationId, resolve: () => undefined });

afterEach(() => {
  vi.useRealTimers();
});

function queueOfOne() {
  calmRequestQueue();
  calmRequestQueue();
  vi.useFakeTimers();
  return new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, logger: quiet });
}

test('a connection on which nothing waits sets no timer', () => {
  const queue = queueOfOne();
  queue.push({ entry: entry(1), expectResponse: true, sendRequest: () => undefined });
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
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
