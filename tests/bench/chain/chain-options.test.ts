import { describe, expect, it } from 'vitest';
import { UsageError } from '../option-values.ts';
import { parseChainOptions } from './chain-options.ts';

describe('parseChainOptions', () => {
  it('measures both sides at three levels by default', () => {
    expect(parseChainOptions([])).toEqual({
      inFlight: [1, 16, 256],
      seconds: 10,
      warmUpSeconds: 2,
      rounds: 1,
      partitions: 4,
      sides: ['bare', 'troupe'],
      bare: { records: 'events', codec: 'kafkajs' },
      json: false,
    });
  });

  it('takes levels, times and sides', () => {
    const args =
      '--in-flight 4,8 --seconds 1.5 --warm-up-seconds 0 --sides bare --bare-records bytes --json';
    expect(parseChainOptions(args.split(' '))).toMatchObject({
      inFlight: [4, 8],
      seconds: 1.5,
      warmUpSeconds: 0,
      sides: ['bare'],
      bare: { records: 'bytes' },
      json: true,
    });
  });

  it.each([
    [['more'], /'more'/],
    [['--in-flight', '1,x'], /--in-flight: 'x'/],
    [['--in-flight', ''], /--in-flight: ''/],
    [['--in-flight', '1.5'], /--in-flight: '1.5' is not a whole number/],
    [['--seconds', '0'], /--seconds: '0'/],
    [['--seconds', 'NaN'], /--seconds: 'NaN'/],
    [['--partitions', '65'], /--partitions: '65'/],
    [['--rounds', '0'], /--rounds: '0'/],
    [['--sides', 'none'], /--sides: 'none'/],
    [['--bare-codec', 'protobuf'], /--bare-codec: 'protobuf'/],
    [['--quick'], /--quick/],
  ])('refuses %j and says how it is used', (args, reason) => {
    expect(() => parseChainOptions(args)).toThrow(UsageError);
    expect(() => parseChainOptions(args)).toThrow(reason);
    expect(() => parseChainOptions(args)).toThrow(/usage: npm run bench/);
  });
});
