import type { SideName } from './chain-options.ts';
import type { LoopResult } from './closed-loop.ts';
import { percentile } from './percentile.ts';

/** One side at one level. */
export interface ChainFigures {
  readonly inFlight: number;
  readonly chainsPerSecond: number;
  readonly chainMsP50: number;
  readonly chainMsP99: number;
  /** Of the benchmark's process; the broker is another one. */
  readonly cpuSecondsPer1000Chains: number;
}

/** troupe / bare at one level: the median of its rounds. */
export interface ChainRatio {
  readonly inFlight: number;
  readonly chainsPerSecond: number;
  /** The lowest and the highest of `chainsPerSecond` in a round. */
  readonly chainsPerSecondRange: readonly [lowest: number, highest: number];
  readonly chainMsP50: number;
  readonly cpuSecondsPer1000Chains: number;
}

/** What was measured at one level: of each round and side the runs. */
export interface LevelRuns {
  readonly inFlight: number;
  readonly rounds: Record<SideName, LoopResult[]>[];
}

/** What `--json` prints. */
export interface ChainReport extends Readonly<Record<SideName, readonly ChainFigures[]>> {
  readonly ratio: readonly ChainRatio[];
}

export function reportOf(levels: readonly LevelRuns[]): ChainReport {
  const figuresOfSide = (side: SideName) =>
    levels.flatMap(({ inFlight, rounds }) =>
      figuresOf(
        inFlight,
        rounds.flatMap((runs) => runs[side]),
      ),
    );
  return {
    troupe: figuresOfSide('troupe'),
    bare: figuresOfSide('bare'),
    ratio: levels.flatMap(ratioOf),
  };
}

/** The figures of several runs of one side at one level, as if they were one; none of a side that did not run. */
function figuresOf(inFlight: number, runs: readonly LoopResult[]): ChainFigures[] {
  if (runs.length === 0) return [];
  const chainMs = runs.flatMap((run) => run.chainMs);
  const seconds = sum(runs.map(({ durationMs }) => durationMs)) / 1_000;
  const cpuSeconds = sum(runs.map(({ cpuMs }) => cpuMs)) / 1_000;
  return [
    {
      inFlight,
      chainsPerSecond: round(chainMs.length / seconds),
      chainMsP50: round(percentile(chainMs, 0.5)),
      chainMsP99: round(percentile(chainMs, 0.99)),
      cpuSecondsPer1000Chains: round((cpuSeconds / chainMs.length) * 1_000),
    },
  ];
}

function ratioOf({ inFlight, rounds }: LevelRuns): ChainRatio[] {
  const ratios = rounds.flatMap(({ troupe, bare }) => {
    const [one] = figuresOf(inFlight, troupe);
    const [other] = figuresOf(inFlight, bare);
    if (one === undefined || other === undefined) return [];
    return {
      chainsPerSecond: one.chainsPerSecond / other.chainsPerSecond,
      chainMsP50: one.chainMsP50 / other.chainMsP50,
      cpuSecondsPer1000Chains: one.cpuSecondsPer1000Chains / other.cpuSecondsPer1000Chains,
    };
  });
  if (ratios.length === 0) return [];
  const chains = ratios.map(({ chainsPerSecond }) => chainsPerSecond);
  return [
    {
      inFlight,
      chainsPerSecond: median(chains),
      chainsPerSecondRange: [round(Math.min(...chains)), round(Math.max(...chains))],
      chainMsP50: median(ratios.map(({ chainMsP50 }) => chainMsP50)),
      cpuSecondsPer1000Chains: median(ratios.map((ratio) => ratio.cpuSecondsPer1000Chains)),
    },
  ];
}

function median(values: readonly number[]): number {
  return round(percentile(values, 0.5));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Three digits after the point: more would claim a precision that no run has. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
