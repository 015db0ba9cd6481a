import { describe, expect, it } from 'vitest';
import { faultKinds } from './faults/fault-plan.ts';
import type { ChaosReport } from './run/run-chaos.ts';
import { endsWithinMs, runMain } from './run-main.ts';

describe('npm run chaos', () => {
  it(
    'loses nothing and doubles nothing by 20 faults on three brokers (I1, I2, I3, I5, I7, I10)',
    async () => {
      const faults = 20;
      const args = `--faults ${faults} --seed 1 --json`.split(' ');
      const { status, stdout, stderr } = await runMain('chaos-main.ts', ...args);
      // What it said, where it failed.
      expect(status === 0 ? '' : stderr).toBe('');
      const report: ChaosReport = JSON.parse(stdout);
      expect(report.findings).toEqual([]);
      expect(report.kinds.map(({ kind }) => kind)).toEqual(faultKinds);
      expect(report.faults).toHaveLength(faults);
      for (const { recoveryMs } of report.faults) expect(recoveryMs).toBeGreaterThan(0);
      // Each of them was seen by who placed it, by who watched, and by the auditor.
      const { placed, acknowledged, completed, compensated } = report.orders;
      expect(placed).toBeGreaterThan(faults * 10);
      expect(acknowledged).toBe(placed);
      expect(completed + compensated).toBe(placed);
      expect(report.tours.acknowledged).toBe(report.tours.planned);
      expect(report.log.sagas).toBe(placed + report.tours.planned);
      expect(report.log.compensations).toBeGreaterThan(report.tours.planned);
      expect(report.log.outcomes).toBeGreaterThan(2 * placed);
    },
    endsWithinMs,
  );

  it('says what is wrong with its arguments, and ends with status 2', async () => {
    const { status, stdout, stderr } = await runMain('chaos-main.ts', '--faults', 'many');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/--faults: 'many'[\s\S]*usage: npm run chaos/);
  });
});
