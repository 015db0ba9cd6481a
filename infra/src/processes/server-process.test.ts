import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../programs/run-program.ts';
import { type ServerStart, startServerProcess } from './server-process.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-server-process-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A server that says it is ready, and runs until it is ended. */
const endless = "console.log('ready'); setInterval(() => undefined, 1000);";

function startOf(script: string, more: Partial<ServerStart> = {}): ServerStart {
  return {
    name: 'The server',
    command: process.execPath,
    args: ['-e', script],
    folder,
    removedAfterCrash: folder,
    isReady: (log) => log.includes('ready'),
    ...more,
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}

describe('startServerProcess', () => {
  it('returns when the server is ready, and ends it', async () => {
    const server = await startServerProcess(startOf(endless));
    expect(isAlive(server.pid)).toBe(true);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    await server.stop();
  });

  it('shows the end of the log of a server that ends while it starts', async () => {
    const start = startOf("console.error('no such disk'); process.exit(3);");
    await expect(startServerProcess(start)).rejects.toThrow(
      /The server ended while it started.*no such disk/s,
    );
  });

  it('takes only what the present start wrote for its readiness', async () => {
    const first = await startServerProcess(startOf(endless));
    await first.kill();
    await expect(startServerProcess(startOf('process.exit(1)'))).rejects.toThrow(/ended while/);
  });

  it('ends the server when its start is aborted', async () => {
    const stop = new AbortController();
    const start = startOf(endless, {
      isReady: (log) => {
        if (log.includes('ready')) stop.abort();
        return false;
      },
      signal: stop.signal,
    });
    await expect(startServerProcess(start)).rejects.toThrow(/abort/);
    const running = await runProgram({ command: 'ps', args: ['-eo', 'args'] });
    expect(running).not.toContain(folder);
  });

  it('freezes a server and stops a frozen one', async () => {
    const server = await startServerProcess(startOf(endless));
    const state = () => runProgram({ command: 'ps', args: ['-o', 'stat=', '-p', `${server.pid}`] });
    server.pause();
    await until(async () => (await state()).startsWith('T'));
    server.resume();
    await until(async () => !(await state()).startsWith('T'));
    server.pause();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('leaves neither server nor folder behind when its parent is killed outright', async () => {
    const parentScript = `
      import { startServerProcess } from ${JSON.stringify(join(import.meta.dirname, 'server-process.ts'))};
      const folder = ${JSON.stringify(folder)};
      const server = await startServerProcess({
        name: 'The server', command: process.execPath, args: ['-e', ${JSON.stringify(endless)}],
        folder, removedAfterCrash: folder, isReady: (log) => log.includes('ready'),
      });
      console.log(server.pid);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', parentScript], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = await once(parent.stdout, 'data');
    const serverPid = Number(printed);
    expect(isAlive(serverPid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(serverPid) && !existsSync(folder));
  });
});
