import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingProgramError } from '@troupe/infra';
import { UsageError } from '../options/endurance-options.ts';
import type { RunOptions, Verdict } from './endurance-run.ts';

export interface Command<Report extends Verdict> {
  readonly usage: string;
  /** Throws `UsageError`. */
  readonly parse: (args: readonly string[]) => Parsed<Report> | 'help';
}

export interface Parsed<Report extends Verdict> {
  readonly json: boolean;
  readonly run: (surroundings: Omit<RunOptions, 'seed' | 'rate'>) => Promise<Report>;
  readonly text: (report: Report) => string;
}

const statuses = { good: 0, found: 1, usage: 2, interrupted: 130 };

/**
 * One run from a command line. Standard output holds the report, or with --json one object and nothing else; what is said
 * meanwhile goes to standard error. Resolves with the exit status: not 0 when anything was found, and then logs and
 * databases stay where they are.
 */
export async function runCommand<Report extends Verdict>(
  command: Command<Report>,
): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => stop.abort());
  try {
    const parsed = command.parse(process.argv.slice(2));
    if (parsed !== 'help') return await runParsed(parsed, stop.signal);
    console.error(command.usage);
    return statuses.good;
  } catch (error) {
    if (stop.signal.aborted) {
      console.error('Stopped.');
      return statuses.interrupted;
    }
    const isExpected = error instanceof UsageError || error instanceof MissingProgramError;
    console.error(isExpected ? error.message : error);
    return error instanceof UsageError ? statuses.usage : statuses.found;
  }
}

async function runParsed<Report extends Verdict>(
  { json, run, text }: Parsed<Report>,
  signal: AbortSignal,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-endurance-'));
  let isGood = false;
  try {
    const startedAtMs = performance.now();
    const say = (line: string) => {
      const seconds = Math.round((performance.now() - startedAtMs) / 1_000);
      console.error(`${String(seconds).padStart(5)} s  ${line}`);
    };
    const report = await run({ folder, signal, say });
    console.log(json ? JSON.stringify(report) : text(report));
    isGood = report.findings.length === 0;
    await writeFile(join(folder, 'findings.txt'), report.findings.join('\n'));
    return isGood ? statuses.good : statuses.found;
  } finally {
    if (isGood || signal.aborted) await rm(folder, { recursive: true, force: true });
    else console.error(`Findings, logs and databases are in ${folder}`);
  }
}
