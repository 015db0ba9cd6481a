import { parseArgs } from 'node:util';

const stages = ['types', 'lint', 'unused', 'unit', 'integration'] as const;
export type Stage = (typeof stages)[number];

export interface RunOptions {
  readonly stages: readonly Stage[];
  /** Parts of test files' paths; with any, only tests run. */
  readonly filters: readonly string[];
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const usage = `usage: npm test [-- [--only STAGE]... [--unused] [PATH]...]
  --only STAGE  run this stage alone: ${stages.join(', ')}
  --unused      check for unused code and dependencies too ('npm run verify')
  PATH          run only test files whose path contains this`;

/** What to run by default; unused code is a matter of the finished change, not of each test run. */
const defaultStages: readonly Stage[] = ['types', 'lint', 'unit', 'integration'];

export function parseRunOptions(args: readonly string[]): RunOptions {
  const { values, positionals } = parse(args);
  const only = values.only?.map(toStage);
  if (only !== undefined && values.unused) {
    throw new UsageError(`--only and --unused exclude each other.\n${usage}`);
  }
  const wanted = only ?? (values.unused ? [...stages] : defaultStages);
  if (positionals.length === 0) return { stages: wanted, filters: [] };
  const testing = wanted.filter((stage) => stage === 'unit' || stage === 'integration');
  if (testing.length === 0) throw new UsageError(`No stage of these takes a path.\n${usage}`);
  return { stages: testing, filters: positionals };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true },
        unused: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [reason] = error.message.split('. To specify');
    throw new UsageError(`${reason}.\n${usage}`, { cause: error });
  }
}

function toStage(name: string): Stage {
  const stage = stages.find((candidate) => candidate === name);
  if (stage === undefined) throw new UsageError(`There is no stage '${name}'.\n${usage}`);
  return stage;
}
