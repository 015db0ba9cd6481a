import { spawn } from 'node:child_process';

export interface ProgramEnd {
  readonly code: number | null;
  /** Of both streams. */
  readonly output: string;
}

/** Runs a command to its end. */
export function runProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}
