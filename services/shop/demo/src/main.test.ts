import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As `npm run demo -- ...` runs it. */
function runMain(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

describe('npm run demo', { timeout: 20_000 }, () => {
  test('--json prints one object, and nothing else', async () => {
    const { status, stdout, stderr } = await runMain('--orders', '25', '--seed', '2', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = JSON.parse(stdout);
    expect(Object.keys(summary)).toEqual([
      'orders',
      'completed',
      'compensated',
      'stuck',
      'lost',
      'durationMs',
      'chainMsP50',
      'chainMsP99',
    ]);
    expect(summary).toMatchObject({ orders: 25, stuck: 0, lost: 0 });
    expect(summary.completed + summary.compensated).toBe(25);
  });

  test('where nobody looks, it writes plain lines and the summary', async () => {
    const { status, stdout } = await runMain('--orders', '10');
    expect(status).toBe(0);
    expect(stdout.startsWith('Opening the shop, in one process\n')).toBe(true);
    expect(stdout).toContain('\n\n  10 orders, in one process  seed 1\n');
    expect(stdout).toContain('✓ Every order ended as its data says it must');
    expect(stdout).not.toContain('\u001b');
  });

  test.each([
    [['--order', '5'], "there is no option '--order'"],
    [['--orders', 'many'], "--orders takes a whole number from 1 to 100000, not 'many'"],
  ])('%j ends with status 2, the reason and the usage', async (args, reason) => {
    const { status, stdout, stderr } = await runMain(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.startsWith(`${reason}\n\nUsage: npm run demo -- [options]\n`)).toBe(true);
  });

  test('--help is no fault', async () => {
    const { status, stdout } = await runMain('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--kafka');
  });
});
