import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const coreFolder = dirname(import.meta.dirname);
const rootFolder = join(coreFolder, '..', '..');
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin',
  'tsc',
);

export interface Compilation {
  /** The compiler's output, plain. */
  readonly output: string;
}

/** Compiles files in a folder of their own, against the sources of `@troupe/core` and the options of this repository. */
export async function compile(
  files: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<Compilation> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-types-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config(Object.keys(files))));
    const args = [tsc, '-p', join(folder, 'tsconfig.json'), '--pretty', 'false', ...flags];
    const { stdout } = await run(process.execPath, args, { cwd: folder, maxBuffer: 1 << 24 }).catch(
      (error: unknown) => {
        // A compilation that finds errors exits with a status; anything else is a real failure.
        if (error instanceof Error && 'stdout' in error && error.stdout !== '') {
          return { stdout: String(error.stdout) };
        }
        throw error;
      },
    );
    return { output: stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function config(files: readonly string[]): object {
  return {
    extends: join(rootFolder, 'tsconfig.base.json'),
    compilerOptions: {
      typeRoots: [join(rootFolder, 'node_modules', '@types')],
      paths: { '@troupe/core': [join(coreFolder, 'src', 'index.ts')] },
    },
    files,
  };
}
