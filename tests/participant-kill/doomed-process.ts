import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { expect, vi } from 'vitest';
import type { Installation } from '../e2e/installation.ts';
import { type DoomedService, type KillPoint, words } from './kill-points.ts';

export interface Doom {
  readonly point: KillPoint;
  /** At which passage, from 1. */
  readonly passage: number;
}

const main = join(import.meta.dirname, 'doomed-service.ts');

export function databaseOf({ folder }: Installation, service: DoomedService): string {
  return join(folder, `${service}.db`);
}

/** Starts a service of the shop on its database; without a doom it lives until it is stopped. */
export async function startDoomed(
  installation: Installation,
  service: DoomedService,
  doom?: Doom,
): Promise<ServerProcess> {
  const own = await mkdtemp(join(installation.folder, `${service}-`));
  const given = {
    service,
    brokers: installation.kafka.bootstrapServers,
    registry: installation.registryUrl,
    database: databaseOf(installation, service),
    ...(doom && { point: doom.point, passage: String(doom.passage) }),
  };
  return startServerProcess({
    name: service,
    command: process.execPath,
    args: [main, ...Object.entries(given).map(([option, value]) => `--${option}=${value}`)],
    folder: own,
    removedAfterCrash: installation.folder,
    isReady: (log) => log.includes(words.begins(service)),
  });
}

/** Starts a service and waits until it has killed itself where it was told to. */
export async function liveUntilKilled(
  installation: Installation,
  service: DoomedService,
  doom: Doom,
): Promise<void> {
  const child = await startDoomed(installation, service, doom);
  try {
    await vi.waitUntil(() => child.hasEnded(), { timeout: 60_000, interval: 20 });
  } catch (cause) {
    const log = await readFile(child.logFile, 'utf8');
    throw new Error(`${service} never came to ${doom.point} ${doom.passage} times: ${log}`, {
      cause,
    });
  } finally {
    await child.kill();
  }
  const log = await readFile(child.logFile, 'utf8');
  // Its shell may add that it was killed; an error of its own would stand there too.
  expect(log.replace(/Killed\s*$/, '')).toBe(
    `${words.begins(service)}\n${words.dies(doom.point)}\n`,
  );
}
