import { BenchFault, type BenchSurroundings } from '../bench-surroundings.ts';
import {
  type CoordinatorReport,
  foldingFigures,
  type IntervalFigures,
  type OpenFigures,
  restoreFigures,
} from './coordinator-figures.ts';
import type { CoordinatorBenchOptions } from './coordinator-options.ts';
import { OrderInstallation } from './order-installation.ts';
import { orderEvents } from './order-saga.ts';

const eventsOfSaga = orderEvents.length;
/** An open saga has been placed, and its stock is reserved: one payload for each is kept. */
const eventsOfOpenSaga = 2;

/** Each measurement has topics of its own, and each life of the coordinator a process of its own. */
export async function runCoordinatorBench(
  options: CoordinatorBenchOptions,
  surroundings: BenchSurroundings,
): Promise<CoordinatorReport> {
  const intervals: IntervalFigures[] = [];
  for (const commitIntervalMs of options.intervalsMs) {
    intervals.push(await measureInterval(commitIntervalMs, options, surroundings));
  }
  const open: OpenFigures[] = [];
  for (const count of options.open) open.push(await measureOpen(count, options, surroundings));
  return { intervals, open };
}

async function measureInterval(
  commitIntervalMs: number,
  { events, partitions }: CoordinatorBenchOptions,
  surroundings: BenchSurroundings,
): Promise<IntervalFigures> {
  const installation = await OrderInstallation.open(surroundings, partitions);
  try {
    const sagas = Math.ceil(events / eventsOfSaga);
    await installation.preload({ sagas, eventsOfEach: eventsOfSaga });
    const limits = { commitIntervalMs, recordIntervalMs: commitIntervalMs };
    const figures = foldingFigures(await installation.run(limits, sagas * eventsOfSaga));
    surroundings.say(`commits every ${commitIntervalMs} ms: ${figures.eventsPerSecond} events/s`);
    return { commitIntervalMs, ...figures };
  } finally {
    await installation.close();
  }
}

async function measureOpen(
  count: number,
  { events, partitions }: CoordinatorBenchOptions,
  surroundings: BenchSurroundings,
): Promise<OpenFigures> {
  const installation = await OrderInstallation.open(surroundings, partitions);
  const { say } = surroundings;
  try {
    if (count > 0) {
      await installation.preload({ sagas: count, eventsOfEach: eventsOfOpenSaga });
      say(`${count} sagas are placed`);
      const made = await installation.run({}, count * eventsOfOpenSaga);
      say(`${count} sagas are open: ${foldingFigures(made).eventsPerSecond} events/s until then`);
    }
    const restored = await installation.run({}, 0);
    if (restored.sagas !== count) {
      throw new BenchFault(`${count} sagas were open, but ${restored.sagas} were restored.`);
    }
    const restore = restoreFigures(restored);
    say(`${count} open: live after ${restore.restoreSeconds} s, ${restore.rssMegabytes} MB`);
    const sagas = Math.ceil(events / eventsOfSaga);
    await installation.preload({ sagas, eventsOfEach: eventsOfSaga });
    const folded = foldingFigures(await installation.run({}, sagas * eventsOfSaga));
    say(`${count} open: ${folded.eventsPerSecond} events/s`);
    return { open: count, ...restore, ...folded };
  } finally {
    await installation.close();
  }
}
