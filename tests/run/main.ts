// `npm test`: every check and every test that this machine can run, and at the end what did not
// run and why, and one line of totals. Nothing that is missing passes silently where CI is set.
import { globSync } from 'node:fs';
import { installServers, type MissingServer, missingServers } from '@troupe/infra';
import { didNotRun } from './did-not-run.ts';
import { lintChecks, runChecks, typeChecks, unusedChecks } from './run-checks.ts';
import { parseRunOptions, type RunOptions, type Stage, UsageError } from './run-options.ts';
import { repositoryFolder } from './run-tool.ts';
import { runVitest } from './run-vitest.ts';
import { addTotals, formatTotals, noTotals, type Totals } from './totals.ts';

const isCi = (process.env['CI'] ?? '') !== '';
/** Without these no integration test can run; without Jaeger those that read traces skip. */
const indispensable: readonly MissingServer['server'][] = ['kafka', 'schema-registry'];

interface Run {
  readonly options: RunOptions;
  readonly missing: readonly MissingServer[];
  /** What the servers are made of, fetched and built while the other stages run. */
  readonly installation: Promise<Error | undefined>;
}

async function runStage(stage: Stage, run: Run): Promise<Totals> {
  switch (stage) {
    case 'types':
      return runChecks(typeChecks);
    case 'lint':
      return runChecks(lintChecks);
    case 'unused':
      return runChecks(unusedChecks);
    case 'unit':
      return runVitest('unit', run.options.filters);
    case 'integration':
      return runIntegration(run);
  }
}

async function runIntegration({ options, missing, installation }: Run): Promise<Totals> {
  if (missing.some(({ server }) => indispensable.includes(server))) {
    const files = globSync('{packages,services,infra,tests}/**/*.int.test.ts', {
      cwd: repositoryFolder,
      exclude: (path) => path.includes('node_modules'),
    });
    return { ...noTotals, skipped: files.length };
  }
  const notice = setTimeout(() => {
    console.log('Getting the servers ready: the very first time this builds Jaeger, some minutes.');
  }, 1_000);
  const failure = await installation;
  clearTimeout(notice);
  if (failure !== undefined) {
    console.error(failure.message);
    return { ...noTotals, failed: 1 };
  }
  return runVitest('integration', options.filters);
}

async function main(): Promise<number> {
  const options = parseRunOptions(process.argv.slice(2));
  // Ctrl-C reaches the stage that runs as well; it ends in order, and then we do.
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => stopped.abort());

  const needsServers = options.stages.includes('integration');
  const missing = needsServers ? await missingServers() : [];
  const installation = needsServers
    ? installServers({ missing, signal: stopped.signal }).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      )
    : Promise.resolve(undefined);
  let totals = noTotals;
  for (const stage of options.stages) {
    if (stopped.signal.aborted) return 130;
    totals = addTotals(totals, await runStage(stage, { options, missing, installation }));
  }
  if (stopped.signal.aborted) return 130;
  if (isCi) totals = addTotals(totals, { ...noTotals, failed: missing.length });
  const block = didNotRun(missing, isCi);
  if (block !== undefined) console.log(block);
  if (totals.passed + totals.failed === 0) console.log('No test ran.');
  console.log(formatTotals(totals));
  return totals.failed > 0 || totals.passed === 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
