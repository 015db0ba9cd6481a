import { parseArgs } from 'node:util';

export interface ChaosOptions {
  readonly faults: number;
  readonly seed: number;
  /** Orders a second. */
  readonly rate: number;
  readonly json: boolean;
}

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
  readonly json: boolean;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const servers = `Starts three Kafka brokers, and a schema registry where SCHEMA_REGISTRY_URL names none.`;
const json = `  --json       one JSON object on standard output, all else on standard error`;

export const chaosUsage = `usage: npm run chaos -- --faults N --seed S [options]
Kills and freezes parts of the shop, coordinators and brokers while orders flow, then audits the log and the books.
  --faults N   how many, one every 10 to 20 s: 1 to 1000 (default 20)
  --seed S     which, when and for how long: 0 to 4294967295 (default 1)
  --rate R     orders a second: 1 to 100 (default 10)
${json}
${servers}`;

export const soakUsage = `usage: npm run soak -- --minutes M [options]
Lets orders flow for a while, and watches throughput, times and memory; then audits the log and the books.
  --minutes M  how long: 0.1 to 1440 (default 10)
  --seed S     which orders: 0 to 4294967295 (default 1)
  --rate R     orders a second: 1 to 100 (default 20)
${json}
${servers}`;

const seedMax = 2 ** 32 - 1;

export function parseChaosOptions(args: readonly string[]): ChaosOptions | 'help' {
  const values = parse(args, { faults: '20', seed: '1', rate: '10' }, chaosUsage);
  if (values === 'help') return 'help';
  const number = reader(chaosUsage);
  return {
    faults: number('faults', values['faults'], { min: 1, max: 1_000 }),
    seed: number('seed', values['seed'], { min: 0, max: seedMax }),
    rate: number('rate', values['rate'], { min: 1, max: 100 }),
    json: values['json'] === true,
  };
}

export function parseSoakOptions(args: readonly string[]): SoakOptions | 'help' {
  const values = parse(args, { minutes: '10', seed: '1', rate: '20' }, soakUsage);
  if (values === 'help') return 'help';
  const number = reader(soakUsage);
  return {
    minutes: number('minutes', values['minutes'], { min: 0.1, max: 1_440, isFraction: true }),
    seed: number('seed', values['seed'], { min: 0, max: seedMax }),
    rate: number('rate', values['rate'], { min: 1, max: 100 }),
    json: values['json'] === true,
  };
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parse(
  args: readonly string[],
  presets: Readonly<Record<string, string>>,
  usage: string,
): Values | 'help' {
  const texts = Object.entries(presets).map(
    ([name, preset]) => [name, { type: 'string', default: preset }] as const,
  );
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(texts),
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values['help'] === true ? 'help' : values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${error.message}\n${usage}`, { cause: error });
  }
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isFraction?: boolean;
}

function reader(usage: string) {
  return (option: string, given: Values[string], { min, max, isFraction }: Range): number => {
    const text = String(given);
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const isKind = isFraction === true || Number.isInteger(value);
    if (isKind && value >= min && value <= max) return value;
    const kind = isFraction ? 'a number' : 'a whole number';
    throw new UsageError(`--${option}: '${text}' is not ${kind} from ${min} to ${max}.\n${usage}`);
  };
}
