// A server run as a child process of this one.
//
// Owns: the child, its log file. Does not own: its data folder, which its starter makes and
// removes, except that the watchdog removes it when this process dies without doing so.
//
// 1. The server never outlives this process, however it ends (watchdog.sh).
// 2. `start` returns when the server is ready, or throws with the end of its log; nothing runs then.
// 3. A signal goes to the server only while it has not been seen to end: its pid is still its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Whether it has ended, by itself or not. */
  hasEnded(): boolean;
  /** Asks the server to end, and kills it when it has not after a while. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash of its machine would. */
  kill(): Promise<void>;
  /** Freezes the server: it keeps its connections and answers nothing. */
  pause(): void;
  resume(): void;
}

export interface ServerStart {
  /** As in "Kafka did not start". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its working folder, where its log goes too. */
  readonly folder: string;
  /** Removed when this process dies without having stopped the server; holds `folder`. */
  readonly removedAfterCrash: string;
  /** `log` is what this start has written so far. */
  readonly isReady: (log: string) => boolean | Promise<boolean>;
  readonly signal?: AbortSignal | undefined;
}

const readyWithinMs = 90_000;
const readyPollMs = 50;
const stopWithinMs = 15_000;
const shownLinesMax = 25;
const watchdog = join(import.meta.dirname, 'watchdog.sh');

export async function startServerProcess(start: ServerStart): Promise<ServerProcess> {
  const { name, folder, signal } = start;
  signal?.throwIfAborted();
  const logFile = join(folder, 'server.log');
  const logBefore = readLog(logFile).length;
  const server = await launch(start, logFile);
  const readLogOfThisStart = () => readLog(logFile).slice(logBefore);
  const giveUpAt = Date.now() + readyWithinMs;
  try {
    while (!(await start.isReady(readLogOfThisStart()))) {
      if (server.hasEnded()) throw new Error(`${name} ended while it started.`);
      if (Date.now() > giveUpAt) throw new Error(`${name} was not ready in ${readyWithinMs} ms.`);
      await delay(readyPollMs, undefined, { signal });
    }
    return server;
  } catch (cause) {
    await server.kill();
    signal?.throwIfAborted();
    const shown = readLogOfThisStart().trimEnd().split('\n').slice(-shownLinesMax).join('\n');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${reason} The end of its log:\n${shown}`, { cause });
  }
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

async function launch(start: ServerStart, logFile: string): Promise<ServerProcess> {
  const log = openSync(logFile, 'a');
  // A session of its own: Ctrl-C in the terminal goes to this process, which stops its servers.
  const child = spawn(
    '/bin/sh',
    [watchdog, start.removedAfterCrash, start.command, ...start.args],
    {
      cwd: start.folder,
      env: { ...process.env, ...start.env },
      stdio: ['pipe', log, log, 'pipe'],
      detached: true,
    },
  );
  closeSync(log);
  let hasEnded = false;
  const ended = once(child, 'exit').finally(() => {
    hasEnded = true;
    child.stdin?.destroy();
  });
  const pid = await readPid(child.stdio[3]);

  const send = (signal: NodeJS.Signals) => {
    if (!hasEnded) sendSignal(pid, signal);
  };
  const kill = async () => {
    send('SIGKILL');
    await ended;
  };
  const stop = async () => {
    send('SIGTERM');
    // A paused server would not hear it.
    send('SIGCONT');
    const given = new AbortController();
    const patience = delay(stopWithinMs, 'late', { signal: given.signal }).catch(() => 'ended');
    const result = await Promise.race([ended, patience]);
    given.abort();
    if (result === 'late') await kill();
  };
  return {
    pid,
    logFile,
    stop,
    kill,
    pause: () => send('SIGSTOP'),
    resume: () => send('SIGCONT'),
    hasEnded: () => hasEnded,
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has just ended by itself, which is what `hasEnded` will say in a moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function readPid(stream: unknown): Promise<number> {
  assert(stream instanceof Readable, 'descriptor 3 of the watchdog is a pipe');
  for await (const line of createInterface({ input: stream })) return Number(line);
  throw new Error('The watchdog ended before it had started the server.');
}
