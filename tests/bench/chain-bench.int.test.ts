import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ChainReport } from './chain/chain-figures.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const timeoutMs = 120_000;

/** A Kafka of its own: the benchmark refuses one on which a Troupe runs. */
function bench(...args: readonly string[]) {
  const env = { ...process.env, KAFKA_BROKERS: '' };
  return run(process.execPath, [main, ...args], { env, timeout: timeoutMs });
}

describe('npm run bench', () => {
  it(
    'prints one object of figures, after every chain was verified on both sides',
    async () => {
      const args = 'chain --in-flight 4 --seconds 1 --warm-up-seconds 0.2 --json'.split(' ');
      const { stdout, stderr } = await bench(...args);
      const report: ChainReport = JSON.parse(stdout);
      const positive = expect.toSatisfy((value) => Number.isFinite(value) && value > 0);
      const figures = {
        inFlight: 4,
        chainsPerSecond: positive,
        chainMsP50: positive,
        chainMsP99: positive,
        cpuSecondsPer1000Chains: positive,
      };
      expect(report).toEqual({
        troupe: [figures],
        bare: [figures],
        ratio: [
          {
            inFlight: 4,
            chainsPerSecond: positive,
            chainsPerSecondRange: [positive, positive],
            chainMsP50: positive,
            cpuSecondsPer1000Chains: positive,
          },
        ],
      });
      // Two runs; the coordinator has completed as many sagas as were begun in each.
      const counts = stderr.matchAll(/(\d+) begun; the coordinator completed (\d+)/g);
      const pairs = [...counts].map(([, begun, completed]) => [begun, completed]);
      expect(pairs).toHaveLength(2);
      for (const [begun, completed] of pairs) expect(completed).toBe(begun);
    },
    timeoutMs,
  );

  it('says what is wrong with its arguments, and ends with status 2', async () => {
    await expect(bench('chain', '--in-flight', 'many')).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/--in-flight: 'many'[\s\S]*usage: npm run bench/),
    });
  });
});
