import type { TestProject } from 'vitest/node';
import { obtainServers } from './obtain-servers.ts';
import './provided-servers.ts';

const slowMs = 10_000;
const slowNotice = 'Getting the servers ready: the very first time this takes some minutes.';

/** Vitest's global set-up of the integration project: the servers run once for all its tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const notice = setTimeout(() => console.log(slowNotice), slowMs);
  const servers = await obtainServers().finally(() => clearTimeout(notice));
  const { addresses, jaegerMissing, stop } = servers;
  if (jaegerMissing !== undefined && process.env['CI']) {
    await stop();
    throw new Error(jaegerMissing);
  }
  project.provide('troupeServers', { addresses, jaegerMissing });
  return stop;
}
