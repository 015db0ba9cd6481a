import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const repositoryFolder = resolve(import.meta.dirname, '..', '..');

/**
 * Runs a script of a dependency, its output on ours; resolves with its exit status. Ctrl-C comes
 * to it from the terminal; a SIGTERM comes to us alone and is passed on.
 */
export function runTool(script: string, args: readonly string[]): Promise<number> {
  const file = resolve(repositoryFolder, 'node_modules', script);
  return new Promise((settle, fail) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: repositoryFolder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const passOn = () => child.kill('SIGTERM');
    process.once('SIGTERM', passOn);
    child.once('error', fail);
    child.once('close', (code) => {
      process.off('SIGTERM', passOn);
      settle(code ?? 1);
    });
  });
}
