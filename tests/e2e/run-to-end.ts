import { spawn } from 'node:child_process';
import { repositoryFolder } from '../architecture/source-file.ts';

export interface EndedProcess {
  readonly status: number | null;
  readonly output: string;
  readonly durationMs: number;
  /** The lines of JSON in it, as services log them. */
  readonly logged: readonly LoggedLine[];
}

export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  readonly error?: { readonly message: string; readonly stack?: string };
}

/** Runs a file as `node <file> <args>` until it ends by itself, and ends it after a while where it does not. */
export async function runToEnd(
  file: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<EndedProcess> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [file, ...args], {
    cwd: repositoryFolder,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', HEALTH_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 45_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const status = await promise;
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const logged = lines.map((line): LoggedLine => JSON.parse(line));
  return { status, output, durationMs: performance.now() - startedAtMs, logged };
}
