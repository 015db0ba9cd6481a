import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes a temporary folder for a server and hands it to `start`, which takes over the duty to
 * remove it; when `start` throws, it is removed here.
 */
export async function withDataFolder<T>(
  name: string,
  start: (folder: string, removeFolder: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `troupe-${name}-`));
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    return await start(folder, removeFolder);
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
