import { spawn } from 'node:child_process';

export interface ProgramRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

const shownLinesMax = 40;

/** Runs a program to its end and returns what it wrote; a failure shows the last lines of it. */
export async function runProgram(run: ProgramRun): Promise<string> {
  const output: Buffer[] = [];
  const { command, args, cwd, env = process.env, signal } = run;
  const status = await new Promise<number | string>((settle, fail) => {
    const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => output.push(bytes));
    child.once('error', fail);
    child.once('close', (code, killedBy) => settle(code ?? killedBy ?? 'no status'));
  });
  const text = Buffer.concat(output).toString('utf8');
  if (status !== 0) {
    const shown = text.trimEnd().split('\n').slice(-shownLinesMax).join('\n');
    throw new Error(`'${command} ${args.join(' ')}' failed (${status}):\n${shown}`);
  }
  return text;
}
