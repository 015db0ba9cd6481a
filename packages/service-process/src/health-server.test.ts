import type { HealthReport } from '@troupe/core';
import { afterEach, describe, expect, test } from 'vitest';
import { createHealthServer } from './health-server.ts';
import { listen } from './listen.ts';

let report: HealthReport = { live: true, ready: true, problems: [] };
const server = createHealthServer(() => report);
afterEach(() => {
  report = { live: true, ready: true, problems: [] };
});
const status = async (url: string) => (await server.inject(url)).statusCode;

describe('the health endpoints', () => {
  test.each([
    [{ live: true, ready: true }, 200, 200],
    [{ live: true, ready: false }, 200, 503],
    [{ live: false, ready: false }, 503, 503],
    [{ live: false, ready: true }, 503, 503],
  ])('%j: live answers %i, ready %i', async (now, live, ready) => {
    report = { ...now, problems: [] };
    expect([await status('/health/live'), await status('/health/ready')]).toEqual([live, ready]);
  });

  test('the body says what is the matter', async () => {
    const message = 'no broker answers';
    const problem = { code: 'outage', subject: 'kafka', message, sinceMs: 1 } as const;
    report = { live: true, ready: false, problems: [problem] };
    expect((await server.inject('/health/ready')).json()).toEqual(report);
  });
});

describe('listen', () => {
  test('a port in use is refused with the name of the setting', async () => {
    const [first, second] = [createHealthServer(() => report), createHealthServer(() => report)];
    const at = { host: '127.0.0.1', setting: 'HEALTH_PORT' };
    const port = await listen(first, { ...at, port: 0 });
    expect(port).toBeGreaterThan(0);
    await expect(listen(second, { ...at, port })).rejects.toThrow(
      `HEALTH_PORT: port ${port} is in use by another process. Set HEALTH_PORT to another one, or to 0 for any free one.`,
    );
    await Promise.all([first.close(), second.close()]);
  });
});
