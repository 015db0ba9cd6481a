import type { TestProject } from 'vitest/node';
import { obtainServers } from './obtain-servers.ts';
import './provided-servers.ts';

/** Vitest's global set-up of the integration project: the servers run once for all its tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { addresses, jaegerMissing, stop } = await obtainServers();
  if (jaegerMissing !== undefined && process.env['CI']) {
    await stop();
    throw new Error(jaegerMissing);
  }
  project.provide('troupeServers', { addresses, jaegerMissing });
  return stop;
}
