import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Part } from '../shop/part.ts';
import type { MemorySample } from './memory-growth.ts';

const run = promisify(execFile);
const everyMs = 2_000;

/** Looks at the resident memory of processes, now and then. Owns the samples. */
export class MemoryWatch {
  readonly #samples: ReadonlyMap<Part, MemorySample[]>;
  readonly #timer: NodeJS.Timeout;

  constructor(parts: readonly Part[]) {
    this.#samples = new Map(parts.map((part) => [part, []]));
    this.#timer = setInterval(() => void this.#look(), everyMs);
  }

  samples(): ReadonlyMap<Part, readonly MemorySample[]> {
    return this.#samples;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const atMs = performance.now();
    const pids = [...this.#samples.keys()].map(({ pid }) => pid);
    // A process that has just ended is missing in the answer, and makes a status that is not 0.
    const { stdout } = await run('ps', ['-o', 'pid=,rss=', '-p', pids.join(',')]).catch(() => ({
      stdout: '',
    }));
    const kilobytes = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).map(Number))
        .map(([pid, size]) => [pid, size]),
    );
    for (const [{ pid }, samples] of this.#samples) {
      const size = kilobytes.get(pid);
      if (size !== undefined) samples.push({ atMs, bytes: size * 1_024 });
    }
  }
}
