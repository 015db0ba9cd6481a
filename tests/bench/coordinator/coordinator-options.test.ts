import { describe, expect, it } from 'vitest';
import { UsageError } from '../option-values.ts';
import { parseCoordinatorOptions } from './coordinator-options.ts';

describe('parseCoordinatorOptions', () => {
  it('sweeps the commit interval and holds none and 100,000 open sagas by default', () => {
    expect(parseCoordinatorOptions([])).toEqual({
      events: 100_000,
      intervalsMs: [5, 10, 25, 50, 100],
      open: [0, 100_000],
      partitions: 4,
      json: false,
    });
  });

  it('measures one of both alone', () => {
    const args = '--events 5000 --intervals none --open 0,1000000 --partitions 1 --json';
    expect(parseCoordinatorOptions(args.split(' '))).toEqual({
      events: 5_000,
      intervalsMs: [],
      open: [0, 1_000_000],
      partitions: 1,
      json: true,
    });
  });

  it.each([
    [['--events', '10'], /--events: '10' is not a whole number from 1000/],
    [['--intervals', '5,0'], /--intervals: '0'/],
    [['--intervals', ''], /--intervals: ''/],
    [['--open', 'many'], /--open: 'many'/],
    [['--open', 'none', '--intervals', 'none'], /nothing to measure/],
    [['--quick'], /--quick/],
  ])('refuses %j and says how it is used', (args, reason) => {
    expect(() => parseCoordinatorOptions(args)).toThrow(UsageError);
    expect(() => parseCoordinatorOptions(args)).toThrow(reason);
    expect(() => parseCoordinatorOptions(args)).toThrow(/usage: npm run bench/);
  });
});
