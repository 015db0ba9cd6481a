import { fileURLToPath } from 'node:url';
import { BenchProcess } from '../bench-process.ts';
import { BenchFault, type BenchSurroundings } from '../bench-surroundings.ts';
import { type ChainReport, type LevelRuns, reportOf } from './chain-figures.ts';
import type { ChainBenchOptions, SideName } from './chain-options.ts';
import type { SideRunRequest, SideRunResult } from './side-run.ts';

const script = fileURLToPath(new URL('./side-process-main.ts', import.meta.url));
const drainTimeoutMs = 30_000;
const timerWarning = 'TimeoutNegativeWarning';

/**
 * Measures each level in rounds, each in runs of half the time, the sides in the order A B B A, so that what changes on
 * the machine meanwhile meets both. Every run has topics, groups and clients of its own; nothing of the other side runs
 * beside it.
 */
export async function runChainBench(
  options: ChainBenchOptions,
  surroundings: BenchSurroundings,
): Promise<ChainReport> {
  const levels: LevelRuns[] = [];
  const processes = new Map(options.sides.map((side) => [side, sideProcess(side)]));
  try {
    for (const inFlight of options.inFlight) {
      const level: LevelRuns = { inFlight, rounds: [] };
      levels.push(level);
      for (let round = 0; round < options.rounds; round += 1) {
        const runs: LevelRuns['rounds'][number] = { bare: [], troupe: [] };
        level.rounds.push(runs);
        for (const [side, process] of [...processes, ...[...processes].toReversed()]) {
          const request = requestOf(inFlight, options, surroundings.brokers);
          const result = await process.run(request, surroundings.signal);
          surroundings.say(`${side}, ${inFlight} in flight: ${describeRun(result)}`);
          assertWhole(result, `${side}, ${inFlight} in flight`);
          runs[side].push(result.loop);
        }
      }
    }
  } finally {
    await Promise.all([...processes.values()].map((process) => process.stop()));
  }
  return reportOf(levels);
}

function sideProcess(side: SideName): BenchProcess<SideRunRequest, SideRunResult> {
  // The bare client asks Node for a timer in the past at each connection, which Node reports once.
  return new BenchProcess(`side ${side}`, script, [side], [`--disable-warning=${timerWarning}`]);
}

function requestOf(
  inFlight: number,
  { seconds, warmUpSeconds, partitions, bare }: ChainBenchOptions,
  brokers: readonly string[],
): SideRunRequest {
  const measureMs = (seconds * 1_000) / 2;
  const loop = { inFlight, warmUpMs: warmUpSeconds * 1_000, measureMs, drainTimeoutMs };
  return { brokers, partitions, bare, loop };
}

function describeRun({ loop, notes }: SideRunResult): string {
  const { chainMs, durationMs, begun, duplicates } = loop;
  const perSecond = ((chainMs.length / durationMs) * 1_000).toFixed(0);
  return [
    `${chainMs.length} chains counted (${perSecond}/s), ${begun} begun`,
    ...(duplicates === 0 ? [] : [`${duplicates} last events came twice`]),
    ...notes,
  ].join('; ');
}

function assertWhole({ loop: { lost, chainMs }, faults }: SideRunResult, what: string): void {
  if (lost > 0) {
    const limit = `${drainTimeoutMs / 1_000} s`;
    throw new BenchFault(`${what}: ${lost} chains were not verified within ${limit} of the end.`);
  }
  if (chainMs.length === 0) {
    throw new BenchFault(`${what}: no chain was verified while measuring: give --seconds more.`);
  }
  if (faults.length > 0) throw new BenchFault(`${what}: ${faults.join('; ')}`);
}
