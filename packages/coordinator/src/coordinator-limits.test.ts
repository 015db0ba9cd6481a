import { expect, test } from 'vitest';
import { coordinatorLimits, defaultCoordinatorLimits } from './coordinator-limits.ts';

test('what is not given has its default', () => {
  const limits = coordinatorLimits({ commitIntervalMs: 20, saga: { retriesMax: 3 } });
  expect(limits).toEqual({
    ...defaultCoordinatorLimits,
    commitIntervalMs: 20,
    saga: { ...defaultCoordinatorLimits.saga, retriesMax: 3 },
  });
});

test('every wrong limit is named', () => {
  const wrong = { commitIntervalMs: 0, commitIntervallMs: 5, saga: { retriesMax: 1.5 } };
  expect(() => coordinatorLimits(wrong)).toThrow(
    /commitIntervalMs is 0: expected a whole number from 1; commitIntervallMs is no limit: there are .*; saga.retriesMax is 1.5/,
  );
});

test('gathering for no time is what the transport does by itself', () => {
  const given = { gatherMs: 0, gatherUnawaitedMs: 0 };
  expect(coordinatorLimits(given)).toMatchObject(given);
});

test('undefined is not given', () => {
  expect(coordinatorLimits({ commitIntervalMs: undefined })).toEqual(defaultCoordinatorLimits);
});
