import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@troupe/core';
import { type ServerProcess, startServerProcess } from '@troupe/infra';

export interface ServiceProcesses {
  /** Where orders are placed. */
  readonly ordersUrl: string;
  /** Never resolves; rejects with the end of its log when a service dies. */
  readonly died: Promise<never>;
  /** Ends all of them in order. Idempotent. */
  stop(): Promise<void>;
}

export interface ServiceProcessesOptions {
  /** Each service gets a folder of its own in it, for its database and its log. */
  readonly folder: string;
  /** KAFKA_BROKERS and so on. */
  readonly variables: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** By the name under which each takes part. */
const mains: ReadonlyMap<string, string> = new Map([
  ['troupe-coordinator', '../../../../coordinator/src/main.ts'],
  ['order', '../../../order/src/main.ts'],
  ['inventory', '../../../inventory/src/main.ts'],
  ['payment', '../../../payment/src/main.ts'],
  ['shipping', '../../../shipping/src/main.ts'],
]);
const shownLinesMax = 15;
const watchEveryMs = 200;

/** Starts the coordinator and each service as a process of its own, which dies with this one. */
export async function startServiceProcesses(
  options: ServiceProcessesOptions,
): Promise<ServiceProcesses> {
  const { folder, clock } = options;
  const results = await Promise.allSettled(
    [...mains].map(
      async ([name, main]) => [name, await startService(name, main, options)] as const,
    ),
  );
  const running = new Map(
    results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
  );
  let stopWatching = (): void => undefined;
  const stop = async () => {
    stopWatching();
    await Promise.all([...running.values()].map((service) => service.stop()));
  };
  const failed = results.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const died = new Promise<never>((_, reject) => {
    const watch = () => {
      const dead = [...running].find(([, service]) => service.hasEnded());
      if (dead !== undefined) reject(deathOf(...dead));
      else stopWatching = clock.after(watchEveryMs, watch);
    };
    watch();
  });
  // Who wants to know waits for it; nobody has to.
  died.catch(() => undefined);
  return { ordersUrl: ordersUrlOf(join(folder, 'order', 'server.log')), died, stop };
}

async function startService(
  name: string,
  main: string,
  { folder, variables, signal }: ServiceProcessesOptions,
): Promise<ServerProcess> {
  const own = join(folder, name);
  mkdirSync(own);
  return startServerProcess({
    name,
    command: process.execPath,
    args: [fileURLToPath(import.meta.resolve(main))],
    env: { ...variables, DATA_DIR: own, HOST: '127.0.0.1', HEALTH_PORT: '0', HTTP_PORT: '0' },
    folder: own,
    removedAfterCrash: folder,
    isReady: (log) => log.includes(`${name} takes part`),
    signal,
  });
}

function ordersUrlOf(logFile: string): string {
  const port = /orders are taken on port (\d+)/.exec(readFileSync(logFile, 'utf8'))?.[1];
  if (port === undefined) throw new Error(`The order service does not say its port in ${logFile}.`);
  return `http://127.0.0.1:${port}/orders`;
}

function deathOf(name: string, { logFile }: ServerProcess): Error {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-shownLinesMax);
  return new Error(`${name} ended by itself. The end of its log, ${logFile}:\n${lines.join('\n')}`);
}
