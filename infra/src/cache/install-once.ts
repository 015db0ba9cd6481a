import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../../process-lock.mjs';
import { cacheFolder } from './cache-folder.ts';

export interface Installation {
  /** Names the content: another version or another way to make it is another name. */
  readonly name: string;
  /** Fills `folder`. It may fail half-way: the folder is dropped then. */
  readonly make: (folder: string, signal: AbortSignal | undefined) => Promise<void>;
}

export function installedFolder(name: string, cache = cacheFolder()): string | undefined {
  const folder = join(cache, name);
  return existsSync(folder) ? folder : undefined;
}

/**
 * The folder of an installation, made at most once on this machine, whoever asks. It appears whole
 * or not at all (a rename), and two processes do not make it at the same time.
 */
export async function installOnce(
  installation: Installation,
  options: { cache?: string; signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const { cache = cacheFolder(), signal } = options;
  const { name, make } = installation;
  const target = join(cache, name);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  return withLock(
    `${target}.lock`,
    async () => {
      if (existsSync(target)) return target;
      const folder = await mkdtemp(`${target}.part-`);
      try {
        await make(folder, signal);
        await rename(folder, target);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      return target;
    },
    signal,
  );
}
