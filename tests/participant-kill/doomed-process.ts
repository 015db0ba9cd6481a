import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { expect, vi } from 'vitest';
import type { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { type DoomedService, type KillPoint, words } from './kill-points.ts';

export interface Doom {
  readonly point: KillPoint;
  /** At which passage, from 1. */
  readonly passage: number;
  /** It is not killed, but frozen, until somebody wakes it. */
  readonly freezes?: boolean;
}

export interface DoomedOptions {
  readonly doom?: Doom;
  /** Default: the one that all processes of this service have. */
  readonly database?: string;
}

const main = join(import.meta.dirname, 'doomed-service.ts');

export function databaseOf({ folder }: KafkaAndRegistry, service: DoomedService): string {
  return join(folder, `${service}.db`);
}

/** Starts a service of the shop; without a doom it lives until it is stopped. */
export async function startDoomed(
  installation: KafkaAndRegistry,
  service: DoomedService,
  { doom, database = databaseOf(installation, service) }: DoomedOptions = {},
): Promise<ServerProcess> {
  const own = await mkdtemp(join(installation.folder, `${service}-`));
  const given = {
    service,
    database,
    brokers: installation.kafka.bootstrapServers,
    registry: installation.registryUrl,
    ...(doom && { point: doom.point, passage: String(doom.passage) }),
  };
  return startServerProcess({
    name: service,
    command: process.execPath,
    args: [
      main,
      ...Object.entries(given).map(([option, value]) => `--${option}=${value}`),
      ...(doom?.freezes ? ['--freezes'] : []),
    ],
    folder: own,
    removedAfterCrash: installation.folder,
    isReady: (log) => log.includes(words.begins(service)),
  });
}

/** Resolves when a service has frozen itself where it was told to. */
export async function isFrozen({ logFile }: ServerProcess, point: KillPoint): Promise<void> {
  await vi.waitFor(async () => {
    expect(await readFile(logFile, 'utf8')).toContain(words.freezes(point));
  }, 60_000);
}

/** Resolves when a service has killed itself where it was told to. */
export async function hasBeenKilled(
  child: ServerProcess,
  service: DoomedService,
  point: KillPoint,
): Promise<void> {
  const log = () => readFile(child.logFile, 'utf8');
  try {
    await vi.waitUntil(() => child.hasEnded(), { timeout: 60_000, interval: 20 });
  } catch (cause) {
    throw new Error(`${service} never came to ${point}: ${await log()}`, { cause });
  } finally {
    await child.kill();
  }
  // Its shell may add that it was killed; an error of its own would stand there too.
  expect((await log()).replace(/Killed\s*$/, '')).toBe(
    `${words.begins(service)}\n${words.dies(point)}\n`,
  );
}
