import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where fetched and built servers are kept for all work trees of this user. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'troupe');
}
