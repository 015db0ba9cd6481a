import { parseArgs } from 'node:util';

export const sides = ['bare', 'troupe'] as const;
export type SideName = (typeof sides)[number];

/** What the side by hand writes: events with the headers that Troupe's have, or key and value alone. */
export const bareRecords = ['events', 'bytes'] as const;
/** What encodes and decodes its records: the client itself, or what Troupe puts in its place. */
export const bareCodecs = ['kafkajs', 'troupe'] as const;

export interface BareOptions {
  readonly records: (typeof bareRecords)[number];
  readonly codec: (typeof bareCodecs)[number];
}

export interface ChainBenchOptions {
  /** Chains in flight, one measurement each. */
  readonly inFlight: readonly number[];
  /** Measured time of each side at each level, without warm-up. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly partitions: number;
  readonly sides: readonly SideName[];
  readonly bare: BareOptions;
  readonly json: boolean;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `usage: npm run bench -- chain [options]
Measures a sequential four-step saga on Kafka against the same four hops on the bare client.
  --in-flight LIST      chains in flight, separated by commas (default 1,16,256)
  --seconds S           measured seconds of each side at each level (default 10)
  --warm-up-seconds S   before each measurement (default 2)
  --partitions N        of every topic, on both sides (default 4)
  --sides SIDES         both, bare or troupe (default both)
  --bare-records KIND   what the side by hand writes: events (default), with the headers of
                        Troupe's; bytes, which are key and value alone
  --bare-codec KIND     what encodes its records: kafkajs (default) or troupe
  --json                one JSON object on standard output, all else on standard error
Uses the empty Kafka that KAFKA_BROKERS names, else starts one.`;

const inFlightMax = 10_000;
const secondsMax = 3_600;
const partitionsMax = 64;

export function parseBenchOptions(args: readonly string[]): ChainBenchOptions | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const [bench, ...others] = positionals;
  if (bench === undefined) throw wrong("Say which benchmark: 'chain'");
  if (bench !== 'chain') throw wrong(`There is no benchmark '${bench}', only 'chain'`);
  if (others.length > 0) throw wrong(`'${others.join(' ')}' is one argument too many`);
  return {
    inFlight: values['in-flight']
      .split(',')
      .map((text) => number('in-flight', text, { min: 1, max: inFlightMax, whole: true })),
    seconds: number('seconds', values.seconds, { min: 0.1, max: secondsMax }),
    warmUpSeconds: number('warm-up-seconds', values['warm-up-seconds'], {
      min: 0,
      max: secondsMax,
    }),
    partitions: number('partitions', values.partitions, {
      min: 1,
      max: partitionsMax,
      whole: true,
    }),
    sides: values.sides === 'both' ? sides : [oneOf(sides, 'sides', values.sides)],
    bare: {
      records: oneOf(bareRecords, 'bare-records', values['bare-records']),
      codec: oneOf(bareCodecs, 'bare-codec', values['bare-codec']),
    },
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'in-flight': { type: 'string', default: '1,16,256' },
        seconds: { type: 'string', default: '10' },
        'warm-up-seconds': { type: 'string', default: '2' },
        partitions: { type: 'string', default: '4' },
        sides: { type: 'string', default: 'both' },
        'bare-records': { type: 'string', default: 'events' },
        'bare-codec': { type: 'string', default: 'kafkajs' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`${error.message}\n${usage}`, { cause: error });
  }
}

function number(
  option: string,
  text: string,
  { min, max, whole = false }: { min: number; max: number; whole?: boolean },
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const fits = value >= min && value <= max && (!whole || Number.isInteger(value));
  if (fits) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw wrong(`--${option}: '${text}' is not ${kind} from ${min} to ${max}`);
}

function oneOf<Name extends string>(names: readonly Name[], option: string, text: string): Name {
  const name = names.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  throw wrong(`--${option}: '${text}' is none of ${names.join(', ')}`);
}

function wrong(message: string): UsageError {
  return new UsageError(`${message}.\n${usage}`);
}
