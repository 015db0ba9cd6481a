import { expect, test } from 'vitest';
import { checkedLimits } from './checked-limits.ts';

const defaults = { queueMax: 1_000, delayMs: 5, saga: { retriesMax: 3 } };

test('what is not given, or undefined, has its default', () => {
  expect(checkedLimits({}, defaults)).toEqual(defaults);
  const given = { queueMax: undefined, delayMs: 7, saga: { retriesMax: undefined } };
  expect(checkedLimits(given, defaults)).toEqual({ ...defaults, delayMs: 7 });
  expect(checkedLimits({ saga: { retriesMax: 9 } }, defaults)).toEqual({
    ...defaults,
    saga: { retriesMax: 9 },
  });
  expect(checkedLimits({ saga: undefined }, defaults)).toEqual(defaults);
});

test('nothing is a limit where that is said', () => {
  expect(checkedLimits({ delayMs: 0 }, defaults, ['delayMs'])).toMatchObject({ delayMs: 0 });
  expect(() => checkedLimits({ delayMs: 0 }, defaults)).toThrow('delayMs is 0');
});

test('every wrong one is named', () => {
  const wrong = { queueMax: 1.5, delayMs: -1, queMax: 3, saga: { retriesMax: Number.NaN } };
  expect(() => checkedLimits(wrong, defaults, ['delayMs'])).toThrow(
    expect.objectContaining({
      code: 'configuration-invalid',
      message:
        'limits: queueMax is 1.5: expected a whole number from 1; delayMs is -1: expected a whole number from 0; queMax is no limit: there are queueMax, delayMs, saga; saga.retriesMax is NaN: expected a whole number from 1',
    }),
  );
});
