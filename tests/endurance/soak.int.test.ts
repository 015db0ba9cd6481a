import { describe, expect, it } from 'vitest';
import type { SoakReport } from './run/run-soak.ts';
import { endsWithinMs, runMain } from './run-main.ts';

describe('npm run soak', () => {
  it(
    'reports throughput, times, memory and lag, and the audit finds nothing',
    async () => {
      const args = '--minutes 0.3 --rate 10 --json'.split(' ');
      const { status, stdout, stderr } = await runMain('soak-main.ts', ...args);
      expect(status === 0 ? '' : stderr).toBe('');
      const report: SoakReport = JSON.parse(stdout);
      const positive = expect.toSatisfy((value) => Number.isFinite(value) && value > 0);
      const figures = {
        firstMb: positive,
        lastMb: positive,
        maxMb: positive,
        mbPerHour: expect.any(Number),
      };
      expect(report).toMatchObject({
        endedPerSecond: positive,
        orderMsP50: positive,
        orderMsP99: positive,
        findings: [],
      });
      const processes = [
        'coordinator-1',
        'coordinator-2',
        'order',
        'inventory',
        'payment',
        'shipping',
        'tour',
      ];
      expect(report.memory).toEqual(Object.fromEntries(processes.map((name) => [name, figures])));
      expect(report.lags).toMatchObject({ order: expect.any(Number), payment: expect.any(Number) });
      expect(report.log.sagas).toBe(report.orders.placed + report.tours.planned);
    },
    endsWithinMs,
  );
});
