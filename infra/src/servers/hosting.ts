import { findProgram } from '../programs/find-program.ts';
import { runProgram } from '../programs/run-program.ts';

/** How servers are run here: in containers where Docker runs, else as plain processes. */
export type Hosting = 'containers' | 'processes';

let found: Promise<Hosting> | undefined;

/** TROUPE_HOSTING decides where it is set; else whether a Docker daemon answers. */
export function hosting(): Promise<Hosting> {
  found ??= findHosting(process.env['TROUPE_HOSTING']);
  return found;
}

export async function findHosting(wanted: string | undefined): Promise<Hosting> {
  if (wanted === 'containers' || wanted === 'processes') return wanted;
  if (wanted !== undefined && wanted !== '') {
    throw new Error(`TROUPE_HOSTING is '${wanted}'; it must be 'containers' or 'processes'.`);
  }
  const docker = findProgram('docker');
  if (docker === undefined) return 'processes';
  const answer = runProgram({ command: docker, args: ['version', '--format', '{{.Server.Os}}'] });
  return answer.then(
    () => 'containers',
    () => 'processes',
  );
}
