import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';
import type { Totals } from './totals.ts';
import { totalsOfReport } from './vitest-report.ts';

/** Runs one project of vitest.config.ts; `filters` are parts of paths. */
export async function runVitest(
  project: 'unit' | 'integration',
  filters: readonly string[],
): Promise<Totals> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-tests-'));
  const report = join(folder, 'report.json');
  try {
    const status = await runTool('vitest/vitest.mjs', [
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      '--passWithNoTests',
      ...filters,
    ]);
    const written = existsSync(report) ? await readFile(report, 'utf8') : undefined;
    const totals = written === undefined ? undefined : totalsOfReport(written);
    if (totals !== undefined && (status === 0 || totals.failed > 0)) return totals;
    // The run broke outside of any test file: its global set-up, or an error nobody awaited.
    return { passed: 0, skipped: 0, ...totals, failed: 1 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
