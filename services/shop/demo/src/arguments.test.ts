import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const presets = { orders: 100, seed: 1, json: false, kafka: false };

describe('parseArguments', () => {
  test('without arguments there are 100 orders in one process', () => {
    expect(parseArguments([])).toEqual({ kind: 'run', options: presets });
  });

  test('every option is taken, as two words or with an equals sign', () => {
    const options = { orders: 7, seed: 0, json: true, kafka: true };
    expect(parseArguments(['--orders', '7', '--seed=0', '--json', '--kafka'])).toEqual({
      kind: 'run',
      options,
    });
  });

  test.each([['--help'], ['-h']])('%s asks for help', (flag) => {
    expect(parseArguments([flag])).toEqual({ kind: 'help' });
  });

  test.each([
    [['--order', '5'], "there is no option '--order'"],
    [['-x'], "there is no option '-x'"],
    [['5'], "'5' is no option"],
    [['--orders'], '--orders takes a whole number from 1 to 100000'],
    [['--orders', '0'], "--orders takes a whole number from 1 to 100000, not '0'"],
    [['--orders', '100001'], "--orders takes a whole number from 1 to 100000, not '100001'"],
    [['--orders', '1e3'], "--orders takes a whole number from 1 to 100000, not '1e3'"],
    [['--orders=-5'], "--orders takes a whole number from 1 to 100000, not '-5'"],
    [['--orders='], "--orders takes a whole number from 1 to 100000, not ''"],
    [['--seed', 'abc'], "--seed takes a whole number from 0 to 4294967295, not 'abc'"],
    [
      ['--seed', '4294967296'],
      "--seed takes a whole number from 0 to 4294967295, not '4294967296'",
    ],
    [['--json=yes'], '--json takes no value'],
    [['--kafka', 'now'], "'now' is no option"],
  ])('%j is refused with the reason', (args, message) => {
    expect(parseArguments(args)).toEqual({ kind: 'fault', message });
  });
});
