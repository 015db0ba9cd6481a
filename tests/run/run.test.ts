import { describe, expect, it } from 'vitest';
import { didNotRun } from './did-not-run.ts';
import { parseRunOptions, UsageError } from './run-options.ts';
import { formatTotals } from './totals.ts';
import { totalsOfReport } from './vitest-report.ts';

describe('parseRunOptions', () => {
  it('runs all but the check for unused code by default', () => {
    expect(parseRunOptions([])).toEqual({
      stages: ['types', 'lint', 'unit', 'integration'],
      filters: [],
    });
    expect(parseRunOptions(['--unused']).stages).toContain('unused');
  });

  it('runs only tests when paths are given', () => {
    expect(parseRunOptions(['sagas'])).toEqual({
      stages: ['unit', 'integration'],
      filters: ['sagas'],
    });
    expect(parseRunOptions(['--only', 'unit', 'a', 'b'])).toEqual({
      stages: ['unit'],
      filters: ['a', 'b'],
    });
  });

  it.each([
    [['--quick'], /--quick/],
    [['--only', 'everything'], /no stage 'everything'/],
    [['--only', 'types', 'sagas'], /takes a path/],
    [['--only', 'unit', '--unused'], /exclude each other/],
  ])('refuses %j and says how it is used', (args, reason) => {
    expect(() => parseRunOptions(args)).toThrow(UsageError);
    expect(() => parseRunOptions(args)).toThrow(reason);
    expect(() => parseRunOptions(args)).toThrow(/usage: npm test/);
  });
});

describe('totalsOfReport', () => {
  const file = (status: string, ...statuses: string[]) => ({
    status,
    assertionResults: statuses.map((test) => ({ status: test })),
  });
  const totalsOf = (...testResults: unknown[]) => totalsOfReport(JSON.stringify({ testResults }));

  it('counts tests, and takes pending and todo ones for skipped', () => {
    expect(totalsOf(file('failed', 'passed', 'failed'), file('passed', 'pending', 'todo'))).toEqual(
      { passed: 1, failed: 1, skipped: 2 },
    );
  });

  it('counts a file that did not load as one failure', () => {
    expect(totalsOf(file('failed'), file('passed', 'passed'))).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  it('counts a hook that failed after tests had passed', () => {
    expect(totalsOf(file('failed', 'passed'))).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });
});

describe('formatTotals', () => {
  it('mentions skipped tests only where there are any', () => {
    expect(formatTotals({ passed: 7, failed: 0, skipped: 0 })).toBe('7 passed, 0 failed');
    expect(formatTotals({ passed: 7, failed: 1, skipped: 2 })).toBe(
      '7 passed, 1 failed, 2 skipped',
    );
  });
});

describe('didNotRun', () => {
  it('names each server with its reason, in one block', () => {
    const missing = [{ server: 'jaeger', reason: 'Jaeger needs Go.' } as const];
    expect(didNotRun(missing, false)).toContain('Jaeger needs Go.');
    expect(didNotRun(missing, true)).toContain('a failure in CI');
    expect(didNotRun([], true)).toBeUndefined();
  });
});
