import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { jaeger, jaegerMissing, serverEnvironment } from '@troupe/infra/test-servers';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectedEnd } from './orders/expected-end.ts';
import { orderSeries } from './orders/order-series.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const orders = 40;
const seed = 5;

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runMain(...args: string[]): Promise<Run> {
  const env = { ...process.env, ...serverEnvironment() };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) => {
      const status = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ status, stdout, stderr });
    });
  });
}

describe('npm run demo -- --kafka', { timeout: 120_000 }, () => {
  const series = orderSeries({ seed, count: orders, prefix: 'order' });
  const kinds = Array.from({ length: orders }, (_, at) => expectedEnd(series.at(at)).kind);
  const completed = kinds.filter((kind) => kind === 'completed').length;
  let run: Run;

  beforeAll(async () => {
    run = await runMain('--kafka', '--orders', String(orders), '--seed', String(seed));
  }, 120_000);

  test('every order ends as its data says, and the books balance', () => {
    expect(run.stdout).toContain('✓ Every order ended as its data says it must');
    expect(run.stdout).toMatch(new RegExp(`^ +${completed} {2}completed$`, 'm'));
    expect(run.stdout).toMatch(new RegExp(`^ +${orders - completed} {2}compensated$`, 'm'));
    expect(run.status).toBe(0);
  });

  test('the story is told by services in other processes', () => {
    for (const who of ['order', 'inventory', 'payment', 'shipping', 'coordinator']) {
      expect(run.stdout).toMatch(new RegExp(`^ +\\d+ ms {2}${who} `, 'm'));
    }
  });

  test('one completed and one compensated order can be looked at in Jaeger', async (context) => {
    context.skip(jaegerMissing() !== undefined, jaegerMissing());
    const { queryUrl } = jaeger();
    const found = [...run.stdout.matchAll(/(completed|compensated) +\d+ spans.*\n +(\S+)/g)];
    expect(found.map(([, end]) => end)).toEqual(['completed', 'compensated']);
    for (const [, , url = ''] of found) {
      expect(url.startsWith(`${queryUrl}/trace/`)).toBe(true);
      const reply = await fetch(url.replace('/trace/', '/api/traces/'));
      const { data } = (await reply.json()) as {
        data: [{ processes: Record<string, { serviceName: string }> }];
      };
      const services = Object.values(data[0].processes).map(({ serviceName }) => serviceName);
      expect(services).toEqual(
        expect.arrayContaining(['order', 'inventory', 'payment', 'shipping', 'troupe-coordinator']),
      );
    }
  });
});
