import { type OutgoingRecord, TransportError } from '@troupe/core';
import { expect, test } from 'vitest';
import { PendingSend, type SendRequest } from './send-queue.ts';
import {
  failInDoubt,
  smallerRequests,
  withoutAcknowledged,
  withoutFailed,
} from './smaller-requests.ts';

const record = (value: string): OutgoingRecord => ({
  topic: 't',
  key: 'k',
  value: Buffer.from(value),
  headers: {},
});

/** One request of several sends, each of which has as many records as letters. */
function requestOf(...sends: readonly string[]): SendRequest {
  const parts = sends.map((text) => {
    const send = new PendingSend([...text].map(record), text.length);
    send.settled.catch(() => 'expected');
    return { send, count: text.length };
  });
  return { records: parts.flatMap(({ send }) => send.records), parts };
}

const textOf = ({ records }: SendRequest) =>
  records.map(({ value }) => Buffer.from(value ?? []).toString()).join('');
const tooLarge = new TransportError('message-too-large', 'refused');

test.each([
  [
    ['ab', 'c', 'def'],
    ['ab', 'cdef'],
  ],
  [['abc'], ['a', 'bc']],
  [['a'], []],
])('%j, which is too large, is sent as %j', (sends, expected) => {
  const smaller = smallerRequests(requestOf(...sends), tooLarge);
  expect(smaller.map(textOf)).toEqual(expected);
  for (const { records, parts } of smaller) {
    expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(records.length);
  }
});

test.each(['topic-missing', 'not-authorized', 'transport-failed'] as const)(
  'a send that fails with %s is parted from others, and not in itself',
  (code) => {
    const failure = new TransportError(code, 'refused');
    expect(smallerRequests(requestOf('ab', 'cd'), failure).map(textOf)).toEqual(['ab', 'cd']);
    expect(smallerRequests(requestOf('ab'), failure)).toEqual([]);
  },
);

test('what may succeed another time is not parted', () => {
  const failure = new TransportError('transport-unavailable', 'no answer');
  expect(smallerRequests(requestOf('a', 'b'), failure)).toEqual([]);
});

test('nothing of a send that has failed is left', () => {
  const request = requestOf('ab', 'c', 'def');
  request.parts[1]?.send.fail(new Error('refused'));
  const left = withoutFailed(request);
  expect(textOf(left)).toBe('abdef');
  expect(left.parts.map(({ count }) => count)).toEqual([2, 3]);
});

test('what was acknowledged is not left, and a send of which nothing is left has succeeded', async () => {
  const request = requestOf('ab', 'c', 'def');
  const isAcknowledged = ({ value }: OutgoingRecord) => 'bce'.includes(String(value));
  const left = withoutAcknowledged(request, { isAcknowledged });
  expect(textOf(left)).toBe('adf');
  expect(left.parts.map(({ count }) => count)).toEqual([1, 2]);
  await request.parts[1]?.send.settled;
  for (const { send, count } of left.parts) send.acknowledge(count);
  await Promise.all(request.parts.map(({ send }) => send.settled));
});

test('a send of which something may have been written fails as an outage, and it alone', async () => {
  const request = requestOf('ab', 'c', 'de');
  const isInDoubt = ({ value }: OutgoingRecord) => 'bc'.includes(String(value));
  failInDoubt(request, { isInDoubt }, tooLarge);
  expect(textOf(withoutFailed(request))).toBe('de');
  const [first] = request.parts;
  await expect(first?.send.settled).rejects.toMatchObject({
    code: 'transport-unavailable',
    retryable: true,
    cause: tooLarge,
  });
});
