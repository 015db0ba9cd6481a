import { describe, expect, it } from 'vitest';
import { defaultServiceLimits, serviceLimits } from './limits.ts';

describe('the limits of a service', () => {
  it('are the defaults with what is given instead', () => {
    expect(serviceLimits()).toEqual(defaultServiceLimits);
    expect(serviceLimits({ attemptsMax: 9, attemptGraceMs: 0 })).toEqual({
      ...defaultServiceLimits,
      attemptsMax: 9,
      attemptGraceMs: 0,
    });
  });

  it('are refused all at once, by name', () => {
    const given = { attemptsMax: 0, concurrencyMax: 1.5, drainTimeoutMs: -1, attemptMax: 3 };
    expect(() => serviceLimits(given)).toThrow(
      /attemptsMax is 0: expected a whole number from 1; concurrencyMax is 1.5: .* from 1; drainTimeoutMs is -1: .* from 0; attemptMax is no limit: there are/,
    );
  });
});
