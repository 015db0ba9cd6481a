import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Installation, installedFolder, installOnce } from '../cache/install-once.ts';
import { requireGo } from '../programs/go.ts';
import { runProgram } from '../programs/run-program.ts';
import { versions } from '../versions.ts';

const command = 'github.com/jaegertracing/jaeger/cmd/all-in-one';

/** Built from its Go module, because Jaeger publishes no binary in a package registry. */
const installation: Installation = {
  name: `jaeger-${versions.jaeger}`,
  make: async (folder, signal) => {
    const go = requireGo('Jaeger');
    const source = await mkdtemp(join(tmpdir(), 'troupe-jaeger-build-'));
    const run = (...args: string[]) => runProgram({ command: go, args, cwd: source, signal });
    try {
      await run('mod', 'init', 'jaeger-build');
      await run('get', `${command}@v${versions.jaeger}`);
      const binary = join(folder, 'jaeger');
      await run('build', '-trimpath', '-ldflags', '-s -w', '-o', binary, command);
    } finally {
      await rm(source, { recursive: true, force: true });
    }
  },
};

export async function installJaeger(signal?: AbortSignal): Promise<string> {
  return join(await installOnce(installation, { signal }), 'jaeger');
}

/** Throws a MissingProgramError where Jaeger is neither built nor can be. */
export async function checkJaegerCanRun(): Promise<void> {
  if (installedFolder(installation.name) === undefined) requireGo('Jaeger');
}
