import { describe, expect, it } from 'vitest';
import { parseBenchArguments } from './bench-arguments.ts';
import { UsageError } from './option-values.ts';

describe('parseBenchArguments', () => {
  it('gives each benchmark its own options', () => {
    expect(parseBenchArguments(['chain', '--seconds', '2'])).toMatchObject({
      bench: 'chain',
      options: { seconds: 2 },
    });
    expect(parseBenchArguments(['coordinator', '--events', '2000'])).toMatchObject({
      bench: 'coordinator',
      options: { events: 2_000 },
    });
    expect(parseBenchArguments(['chain', '--help'])).toBeUndefined();
  });

  it.each([
    [[], /which benchmark: 'chain' or 'coordinator'/],
    [['--seconds', '1'], /Say first which benchmark/],
    [['orders'], /no benchmark 'orders'/],
    [['chain', 'more'], /'more'/],
    [['coordinator', '--seconds', '1'], /--seconds/],
  ])('refuses %j and says how it is used', (args, reason) => {
    expect(() => parseBenchArguments(args)).toThrow(UsageError);
    expect(() => parseBenchArguments(args)).toThrow(reason);
    expect(() => parseBenchArguments(args)).toThrow(/usage: npm run bench/);
  });
});
