import type { Totals } from './totals.ts';

interface VitestFile {
  readonly status?: unknown;
  readonly assertionResults?: readonly { readonly status?: unknown }[];
}

/**
 * Counts the tests of a run from what vitest's JSON reporter wrote. A file that failed outside of
 * its tests (it did not load, a hook threw) counts as one failure: none of its tests says so.
 */
export function totalsOfReport(json: string): Totals {
  const report: { testResults?: readonly VitestFile[] } = JSON.parse(json);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults ?? []) {
    const statuses = (file.assertionResults ?? []).map(({ status }) => status);
    for (const status of statuses) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && !statuses.includes('failed')) counts.failed += 1;
  }
  return counts;
}
