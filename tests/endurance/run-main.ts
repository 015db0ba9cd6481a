import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { schemaRegistryUrl } from '@troupe/infra/test-servers';

export interface EndedCommand {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than any machine takes: what does not end by then never does. */
export const endsWithinMs = 20 * 60_000;

/** Runs a command of this folder as npm does, with the registry that all tests share. */
export function runMain(file: string, ...args: readonly string[]): Promise<EndedCommand> {
  const env = { ...process.env, SCHEMA_REGISTRY_URL: schemaRegistryUrl() };
  const main = join(import.meta.dirname, file);
  const options = { env, timeout: endsWithinMs, maxBuffer: 64 * 1_048_576 };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ status, stdout, stderr });
    });
  });
}
