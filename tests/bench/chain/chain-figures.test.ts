import { expect, test } from 'vitest';
import { reportOf } from './chain-figures.ts';
import type { LoopResult } from './closed-loop.ts';

/** One run of a second. */
function run(chains: number, chainMs: number, cpuMs: number): LoopResult {
  return {
    durationMs: 1_000,
    chainMs: Array.from({ length: chains }, () => chainMs),
    cpuMs,
    begun: chains,
    lost: 0,
    duplicates: 0,
    measuredUntilMs: 0,
  };
}

test('a ratio is the median of its rounds, with the lowest and the highest', () => {
  const rounds = [
    { troupe: [run(50, 2, 100)], bare: [run(100, 1, 100)] },
    { troupe: [run(90, 1, 90)], bare: [run(100, 1, 100)] },
    { troupe: [run(80, 1.5, 100)], bare: [run(100, 1, 100)] },
  ];
  const { troupe, ratio } = reportOf([{ inFlight: 4, rounds }]);
  expect(ratio).toEqual([
    {
      inFlight: 4,
      chainsPerSecond: 0.8,
      chainsPerSecondRange: [0.5, 0.9],
      chainMsP50: 1.5,
      cpuSecondsPer1000Chains: 1.25,
    },
  ]);
  expect(troupe).toMatchObject([{ inFlight: 4, chainsPerSecond: 73.333 }]);
});

test('one side alone has figures, and no ratio', () => {
  const { troupe, bare, ratio } = reportOf([
    { inFlight: 1, rounds: [{ troupe: [run(10, 1, 1), run(20, 1, 1)], bare: [] }] },
  ]);
  expect([troupe.length, bare, ratio]).toEqual([1, [], []]);
  expect(troupe[0]?.chainsPerSecond).toBe(15);
});
