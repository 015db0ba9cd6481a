import { describe, expect, it } from 'vitest';
import { parseBenchOptions, UsageError } from './bench-options.ts';

describe('parseBenchOptions', () => {
  it('measures both sides at three levels by default', () => {
    expect(parseBenchOptions(['chain'])).toEqual({
      inFlight: [1, 16, 256],
      seconds: 10,
      warmUpSeconds: 2,
      partitions: 4,
      sides: ['bare', 'troupe'],
      bare: { records: 'events', codec: 'kafkajs' },
      json: false,
    });
  });

  it('takes levels, times and sides', () => {
    const args =
      'chain --in-flight 4,8 --seconds 1.5 --warm-up-seconds 0 --sides bare --bare-records bytes --json';
    expect(parseBenchOptions(args.split(' '))).toMatchObject({
      inFlight: [4, 8],
      seconds: 1.5,
      warmUpSeconds: 0,
      sides: ['bare'],
      bare: { records: 'bytes' },
      json: true,
    });
  });

  it.each([
    [[], /which benchmark/],
    [['soak'], /no benchmark 'soak'/],
    [['chain', 'more'], /'more'/],
    [['chain', '--in-flight', '1,x'], /--in-flight: 'x'/],
    [['chain', '--in-flight', ''], /--in-flight: ''/],
    [['chain', '--in-flight', '1.5'], /--in-flight: '1.5' is not a whole number/],
    [['chain', '--seconds', '0'], /--seconds: '0'/],
    [['chain', '--seconds', 'NaN'], /--seconds: 'NaN'/],
    [['chain', '--partitions', '65'], /--partitions: '65'/],
    [['chain', '--sides', 'none'], /--sides: 'none'/],
    [['chain', '--bare-codec', 'protobuf'], /--bare-codec: 'protobuf'/],
    [['chain', '--quick'], /--quick/],
  ])('refuses %j and says how it is used', (args, reason) => {
    expect(() => parseBenchOptions(args)).toThrow(UsageError);
    expect(() => parseBenchOptions(args)).toThrow(reason);
    expect(() => parseBenchOptions(args)).toThrow(/usage: npm run bench/);
  });
});
