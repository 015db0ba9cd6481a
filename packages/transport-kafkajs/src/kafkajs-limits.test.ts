import { expect, test } from 'vitest';
import { createKafkajsTransport } from './create-kafkajs-transport.ts';
import { kafkajsLimits, limitsOf } from './kafkajs-limits.ts';

test('a limit that is undefined is not given: nothing is without bounds', () => {
  expect(limitsOf({ requestBytesMax: undefined, fetchWaitMs: 7 })).toEqual({
    ...kafkajsLimits,
    fetchWaitMs: 7,
  });
});

test('a transport is not made with wrong limits', () => {
  const limits = { requestBytesMax: Number.NaN, bufferedRecordsMax: 0, commitTimeoutMs: 0 };
  expect(() => createKafkajsTransport({ brokers: ['b:1'], clientId: 'c', limits })).toThrow(
    /limits: requestBytesMax is NaN: .* from 1; bufferedRecordsMax is 0: .* from 1$/,
  );
});
