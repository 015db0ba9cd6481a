import { runTool } from './run-tool.ts';
import { noTotals, type Totals } from './totals.ts';

export interface Check {
  /** As in "types passed". */
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}

export const typeChecks: readonly Check[] = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  {
    name: 'types without exactOptionalPropertyTypes',
    script: 'typescript/bin/tsc',
    args: ['-p', 'tsconfig.loose.json'],
  },
];

export const lintChecks: readonly Check[] = [
  { name: 'format and lint', script: '@biomejs/biome/bin/biome', args: ['check', '.'] },
];

export const unusedChecks: readonly Check[] = [
  { name: 'unused code and dependencies', script: 'knip/bin/knip.js', args: [] },
];

/** Runs each check to its end, whatever the one before said; each counts as one test. */
export async function runChecks(checks: readonly Check[]): Promise<Totals> {
  let totals = noTotals;
  for (const { name, script, args } of checks) {
    const passed = (await runTool(script, args)) === 0;
    console.log(`${passed ? 'passed' : 'FAILED'}  ${name}`);
    totals = passed
      ? { ...totals, passed: totals.passed + 1 }
      : { ...totals, failed: totals.failed + 1 };
  }
  return totals;
}
