import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../../bench/chain/percentile.ts';
import type { SoakOptions } from '../options/endurance-options.ts';
import { groupLags, type Lags } from '../shop/three-brokers.ts';
import { growthFault, type MemoryFigures, memoryFigures } from '../soak/memory-growth.ts';
import { MemoryWatch } from '../soak/memory-watch.ts';
import { EnduranceRun, type RunOptions, type Verdict } from './endurance-run.ts';

export interface SoakReport extends Verdict {
  readonly seed: number;
  readonly rate: number;
  readonly minutes: number;
  readonly endedPerSecond: number;
  readonly orderMsP50: number;
  readonly orderMsP99: number;
  /** By process. */
  readonly memory: Readonly<Record<string, MemoryFigures>>;
  /** Records that each group had still to read, at the end of the flow. */
  readonly lags: Lags;
}

const sayEveryMs = 30_000;
/** A coordinator remembers a saga for an hour after its end, and so much of it at most. */
const keptBytesOfSaga = 8_192;

export async function runSoak(
  { minutes, seed, rate }: SoakOptions,
  surroundings: Omit<RunOptions, 'seed' | 'rate'>,
): Promise<SoakReport> {
  const { signal, say } = surroundings;
  const run = await EnduranceRun.open({ ...surroundings, seed, rate });
  try {
    const { flow, shop, observer } = run;
    const watch = new MemoryWatch(shop.services);
    const startedAtMs = performance.now();
    const endsAtMs = startedAtMs + minutes * 60_000;
    while (performance.now() < endsAtMs) {
      await delay(Math.min(sayEveryMs, endsAtMs - performance.now()), undefined, { signal });
      say(`${flow.placed} orders, ${flow.open} open`);
    }
    watch.stop();
    const ended = flow.placed - flow.open;
    const elapsedSeconds = (performance.now() - startedAtMs) / 1_000;
    const lags = await groupLags(shop.kafka);
    for (const [{ name, kind }, samples] of watch.samples()) {
      const kept = kind === 'coordinator' ? ended * keptBytesOfSaga : 0;
      const fault = growthFault(samples, kept);
      if (fault !== undefined) run.fault(`${name}: ${fault}`);
    }
    const verdict = await run.judge();
    const durations = [...observer.ends.sortedDurationsMs()];
    return {
      seed,
      rate,
      minutes,
      endedPerSecond: Math.round((ended / elapsedSeconds) * 10) / 10,
      orderMsP50: Math.round(percentile(durations, 0.5)),
      orderMsP99: Math.round(percentile(durations, 0.99)),
      memory: Object.fromEntries(
        [...watch.samples()].map(([{ name }, samples]) => [name, memoryFigures(samples)]),
      ),
      lags,
      ...verdict,
    };
  } finally {
    await run.close();
  }
}
