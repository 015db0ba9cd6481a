import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotDone, RetryableError, TerminalError } from '../../../errors/error-kinds.ts';
import { backOffMs } from '../../waiting/back-off.ts';
import { afterFailure, type RetryPolicy } from './retry-policy.ts';

const policy: RetryPolicy = { attemptsMax: 4, firstDelayMs: 100, delayMsMax: 1_000 };
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait after a failed attempt', () => {
  it('doubles up to its limit', () => {
    const longest = [1, 2, 3, 4, 5, 6, 2_000].map((attempt) => backOffMs(attempt, policy, 1));
    expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it('is anything from nothing to that, a whole number', () => {
    const anyPolicy = fc.record({
      attemptsMax: fc.constant(1),
      firstDelayMs: fc.nat(1_000_000),
      delayMsMax: fc.nat(1_000_000_000),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), anyPolicy, fraction, (n, any, jitter) => {
        const delayMs = backOffMs(n, any, jitter);
        expect(Number.isSafeInteger(delayMs)).toBe(true);
        expect(delayMs >= 0 && delayMs <= any.delayMsMax).toBe(true);
      }),
    );
  });
});

describe('after a failed attempt', () => {
  it('there is another one until they are used up', () => {
    const failures = [1, 2, 3, 4].map((n) => afterFailure(new Error('x'), n, policy, 0, 1));
    expect(failures).toEqual([
      { retry: true, delayMs: 100 },
      { retry: true, delayMs: 200 },
      { retry: true, delayMs: 400 },
      { retry: false, why: 'attempts-used-up' },
    ]);
  });

  it.each([new TerminalError('x'), new NotDone('x')])('there is none after a %s', (error) => {
    expect(afterFailure(error, 1, policy, 0, 1)).toEqual({ retry: false, why: 'terminal' });
  });

  it('whatever was thrown counts as an error', () => {
    for (const thrown of [undefined, null, 'text', 7, {}]) {
      expect(afterFailure(thrown, 1, policy, 0, 1)).toMatchObject({ retry: true });
    }
  });

  it('the handler may ask for a longer wait, within the limit', () => {
    const ask = (retryAfterMs: number, jitter = 1) =>
      afterFailure(new RetryableError('x', { retryAfterMs }), 1, policy, 5_000, jitter);
    expect(ask(3_000)).toEqual({ retry: true, delayMs: 3_000 });
    expect(ask(60_000)).toEqual({ retry: true, delayMs: 5_000 });
    expect(ask(10)).toEqual({ retry: true, delayMs: 100 });
    expect(ask(10, 0)).toEqual({ retry: true, delayMs: 10 });
  });
});
