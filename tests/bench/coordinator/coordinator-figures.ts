import type { CoordinatorRunResult } from './coordinator-run.ts';

/** How fast events were folded. */
export interface FoldingFigures {
  readonly eventsPerSecond: number;
  /** For each second of CPU of the coordinator's process: what one core can do. */
  readonly eventsPerCpuSecond: number;
  readonly eventsPerTransaction: number;
}

export interface IntervalFigures extends FoldingFigures {
  readonly commitIntervalMs: number;
}

/** What open sagas cost. */
export interface OpenFigures extends FoldingFigures {
  readonly open: number;
  readonly restoreSeconds: number;
  readonly restoreCpuSeconds: number;
  readonly rssMegabytes: number;
  readonly heapMegabytes: number;
}

/** What `--json` prints. */
export interface CoordinatorReport {
  readonly intervals: readonly IntervalFigures[];
  readonly open: readonly OpenFigures[];
}

export function foldingFigures({ folding }: CoordinatorRunResult): FoldingFigures {
  if (folding === undefined) throw new RangeError('Nothing was folded.');
  const { events, durationMs, cpuMs, transactions } = folding;
  return {
    eventsPerSecond: round((events / durationMs) * 1_000, 0),
    eventsPerCpuSecond: round((events / cpuMs) * 1_000, 0),
    eventsPerTransaction: round(events / transactions, 0),
  };
}

export function restoreFigures({ restoreMs, restoreCpuMs, memory }: CoordinatorRunResult) {
  if (memory === undefined) throw new RangeError('Memory was not measured.');
  return {
    restoreSeconds: round(restoreMs / 1_000, 2),
    restoreCpuSeconds: round(restoreCpuMs / 1_000, 2),
    rssMegabytes: round(memory.rssBytes / 1e6, 0),
    heapMegabytes: round(memory.heapBytes / 1e6, 0),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
