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

export interface ChainRatio {
  readonly inFlight: number;
  readonly chainsPerSecond: number;
  readonly chainMsP50: number;
}

/** What `--json` prints. `ratio` is troupe / bare. */
export interface ChainReport extends Readonly<Record<SideName, readonly ChainFigures[]>> {
  readonly ratio: readonly ChainRatio[];
}

/** The figures of several runs of one side at one level, as if they were one. */
export function figuresOf(inFlight: number, runs: readonly LoopResult[]): ChainFigures {
  const chainMs = runs.flatMap((run) => run.chainMs);
  const seconds = sum(runs.map(({ durationMs }) => durationMs)) / 1_000;
  const cpuSeconds = sum(runs.map(({ cpuMs }) => cpuMs)) / 1_000;
  return {
    inFlight,
    chainsPerSecond: round(chainMs.length / seconds),
    chainMsP50: round(percentile(chainMs, 0.5)),
    chainMsP99: round(percentile(chainMs, 0.99)),
    cpuSecondsPer1000Chains: round((cpuSeconds / chainMs.length) * 1_000),
  };
}

export function reportOf(
  figures: Readonly<Record<SideName, readonly ChainFigures[]>>,
): ChainReport {
  const { troupe, bare } = figures;
  const ratio = troupe.flatMap((one) => {
    const other = bare.find(({ inFlight }) => inFlight === one.inFlight);
    if (other === undefined) return [];
    return {
      inFlight: one.inFlight,
      chainsPerSecond: round(one.chainsPerSecond / other.chainsPerSecond),
      chainMsP50: round(one.chainMsP50 / other.chainMsP50),
    };
  });
  return { troupe, bare, ratio };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Three digits after the point: more would claim a precision that no run has. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
