import { setTimeout as sleep } from 'node:timers/promises';
import { createCoordinator, type GivenCoordinatorLimits } from '@troupe/coordinator';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { type Commit, countingTransport } from './counting-transport.ts';

/** One life of a coordinator, as plain data: it travels to the coordinator's process. */
export interface CoordinatorRunRequest {
  readonly brokers: readonly string[];
  readonly groupId: string;
  readonly partitions: number;
  readonly limits: GivenCoordinatorLimits;
  /** Events that wait for it: it stops when they are all committed. */
  readonly events: number;
  readonly timeoutMs: number;
}

export interface CoordinatorRunResult {
  /** From its start until all of its partitions are live: joining the group and restoring. */
  readonly restoreMs: number;
  readonly restoreCpuMs: number;
  /** In memory when it was live. */
  readonly sagas: number;
  /** When it was live and garbage was collected; only where no events wait. */
  readonly memory: { readonly rssBytes: number; readonly heapBytes: number } | undefined;
  readonly folding: FoldingResult | undefined;
}

export interface FoldingResult {
  /** Events of all transactions but the first, and the time from the first transaction to the last. */
  readonly events: number;
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly transactions: number;
  readonly records: number;
}

const livePollMs = 5;

/** Runs a coordinator until all events are folded and committed; with none, until it is live. */
export async function runCoordinator(
  request: CoordinatorRunRequest,
): Promise<CoordinatorRunResult> {
  const { brokers, groupId, partitions, limits, events, timeoutMs } = request;
  const commits: Commit[] = [];
  const cpuAtFirst = Promise.withResolvers<NodeJS.CpuUsage>();
  const done = Promise.withResolvers<NodeJS.CpuUsage>();
  let left = events;
  const transport = createKafkajsTransport({ brokers, clientId: groupId });
  const coordinator = createCoordinator({
    transport: countingTransport(transport, (commit) => {
      if (commit.folded === 0) return;
      if (commits.length === 0) cpuAtFirst.resolve(process.cpuUsage());
      commits.push(commit);
      left -= commit.folded;
      if (left <= 0) done.resolve(process.cpuUsage());
    }),
    serde: createAvroSerde({ registry: createInProcessRegistry() }),
    groupId,
    limits,
  });
  const timeout = new AbortController();
  const isLate = sleep(timeoutMs, undefined, { signal: timeout.signal });
  const late = isLate.then(() => {
    throw new Error(
      `${left} events were not folded in ${timeoutMs} ms: ${JSON.stringify(coordinator.health())}`,
    );
  });
  late.catch(() => undefined);
  try {
    const before = process.cpuUsage();
    const startedMs = performance.now();
    await coordinator.start();
    const isLive = () => {
      const { ready, shards } = coordinator.health();
      return ready && shards.length === partitions;
    };
    while (!isLive() && performance.now() - startedMs < timeoutMs) await sleep(livePollMs);
    const restoreMs = performance.now() - startedMs;
    const restoreCpuMs = cpuMs(process.cpuUsage(before));
    const sagas = coordinator.health().shards.reduce((sum, shard) => sum + shard.sagas, 0);
    const restored = { restoreMs, restoreCpuMs, sagas };
    if (events === 0) return { ...restored, memory: memoryNow(), folding: undefined };
    const after = await Promise.race([done.promise, late]);
    const folding = foldingOf(commits, cpuMs(after) - cpuMs(await cpuAtFirst.promise));
    return { ...restored, memory: undefined, folding };
  } finally {
    timeout.abort();
    await coordinator.stop();
    await transport.close();
  }
}

/** The first transaction shows when folding had begun; what it holds does not count. */
function foldingOf(commits: readonly Commit[], cpu: number): FoldingResult {
  const [first, ...others] = commits;
  const last = others.at(-1);
  if (first === undefined || last === undefined) {
    throw new Error('all events were committed at once: there is nothing to measure. Give more.');
  }
  return {
    events: sum(others.map(({ folded }) => folded)),
    durationMs: last.atMs - first.atMs,
    cpuMs: cpu,
    transactions: others.length,
    records: sum(others.map(({ records }) => records)),
  };
}

function memoryNow(): { readonly rssBytes: number; readonly heapBytes: number } {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed + external };
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
