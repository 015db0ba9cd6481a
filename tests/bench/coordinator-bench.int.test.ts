import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { CoordinatorReport } from './coordinator/coordinator-figures.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const timeoutMs = 180_000;

it(
  'npm run bench -- coordinator prints one object of figures, after all was folded and restored',
  async () => {
    const args = 'coordinator --events 12000 --intervals 5 --open 0,3000 --partitions 2 --json';
    // A Kafka of its own: it makes Troupe's topics, and removes them.
    const env = { ...process.env, KAFKA_BROKERS: '' };
    const options = { env, timeout: timeoutMs };
    const { stdout } = await run(process.execPath, [main, ...args.split(' ')], options);
    const report: CoordinatorReport = JSON.parse(stdout);
    const positive = expect.toSatisfy((value) => Number.isFinite(value) && value > 0);
    const folding = {
      eventsPerSecond: positive,
      eventsPerCpuSecond: positive,
      eventsPerTransaction: positive,
    };
    const restoring = {
      restoreSeconds: positive,
      restoreCpuSeconds: positive,
      rssMegabytes: positive,
      heapMegabytes: positive,
    };
    expect(report).toEqual({
      intervals: [{ commitIntervalMs: 5, ...folding }],
      open: [
        { open: 0, ...restoring, ...folding },
        { open: 3_000, ...restoring, ...folding },
      ],
    });
  },
  timeoutMs,
);
