import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { repositoryFolder } from '../architecture/source-file.ts';

export interface ProcessOptions {
  /** Its logs and its database go to a new folder in it. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** By the name under which each says that it takes part. */
const mains = {
  'troupe-coordinator': 'services/coordinator/src/main.ts',
  order: 'services/shop/order/src/main.ts',
  inventory: 'services/shop/inventory/src/main.ts',
  payment: 'services/shop/payment/src/main.ts',
  shipping: 'services/shop/shipping/src/main.ts',
} as const;

export type ServiceName = keyof typeof mains;

export function mainOf(name: ServiceName): string {
  return join(repositoryFolder, mains[name]);
}

/** Runs a service as it is deployed. Resolves when it takes part; it dies with this process. */
export async function startService(
  name: ServiceName,
  { folder, environment }: ProcessOptions,
): Promise<ServerProcess> {
  const own = await mkdtemp(join(folder, `${name}-`));
  return startServerProcess({
    name,
    command: process.execPath,
    args: [mainOf(name)],
    env: { HOST: '127.0.0.1', HEALTH_PORT: '0', HTTP_PORT: '0', DATA_DIR: own, ...environment },
    folder: own,
    removedAfterCrash: folder,
    isReady: (log) => log.includes(`${name} takes part`),
  });
}

/** The number after `words port` in the log of a service. */
export async function portIn({ logFile }: ServerProcess, words: string): Promise<number> {
  const log = await readFile(logFile, 'utf8');
  const port = new RegExp(`${words} (\\d+)`).exec(log)?.[1];
  if (port === undefined) throw new Error(`${logFile} does not say '${words}'`);
  return Number(port);
}
