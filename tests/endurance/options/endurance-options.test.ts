import { describe, expect, it } from 'vitest';
import { parseChaosOptions, parseSoakOptions, UsageError } from './endurance-options.ts';

describe('parseChaosOptions', () => {
  it('injects twenty faults by default', () => {
    expect(parseChaosOptions([])).toEqual({ faults: 20, seed: 1, rate: 10, json: false });
  });

  it('takes faults, seed and rate', () => {
    const args = '--faults 200 --seed 7 --rate 30 --json'.split(' ');
    expect(parseChaosOptions(args)).toEqual({ faults: 200, seed: 7, rate: 30, json: true });
    expect(parseChaosOptions(['--help'])).toBe('help');
  });

  it.each([
    ['--faults 0', /--faults: '0' is not a whole number from 1 to 1000/],
    ['--faults 1.5', /--faults: '1.5'/],
    ['--faults many', /--faults: 'many'/],
    ['--seed -1', /--seed/],
    ['--seed=-1', /--seed: '-1' is not a whole number/],
    ['--rate 101', /--rate: '101'/],
    ['--rate=', /--rate: ''/],
    ['--minutes 3', /--minutes/],
    ['now', /now/],
  ])('refuses %s and says how it is used', (line, reason) => {
    const parse = () => parseChaosOptions(line.split(' '));
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(reason);
    expect(parse).toThrow(/usage: npm run chaos/);
  });
});

describe('parseSoakOptions', () => {
  it('takes parts of a minute', () => {
    expect(parseSoakOptions(['--minutes', '0.5'])).toMatchObject({ minutes: 0.5, rate: 20 });
    expect(parseSoakOptions(['-h'])).toBe('help');
  });

  it.each(['--minutes 0', '--minutes x', '--faults 3'])('refuses %s', (line) => {
    expect(() => parseSoakOptions(line.split(' '))).toThrow(/usage: npm run soak/);
  });
});
