import { OptionValues } from '../option-values.ts';

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
  /** How often each level is measured. */
  readonly rounds: number;
  readonly partitions: number;
  readonly sides: readonly SideName[];
  readonly bare: BareOptions;
  readonly json: boolean;
}

export const chainUsage = `usage: npm run bench -- chain [options]
Measures a sequential four-step saga on Kafka against the same four hops on the bare client.
  --in-flight LIST      chains in flight, separated by commas (default 1,16,256)
  --seconds S           measured seconds of each side at each level in each round (default 10)
  --warm-up-seconds S   before each measurement (default 2)
  --rounds N            how often each level is measured, for ratios that hold on a machine with
                        other work: their median counts (default 1)
  --partitions N        of every topic, on both sides (default 4)
  --sides SIDES         both, bare or troupe (default both)
  --bare-records KIND   what the side by hand writes: events (default), with the headers of
                        Troupe's; bytes, which are key and value alone
  --bare-codec KIND     what encodes its records: kafkajs (default) or troupe
  --json                one JSON object on standard output, all else on standard error
Uses the empty Kafka that KAFKA_BROKERS names, else starts one.`;

const secondsMax = 3_600;

export function parseChainOptions(args: readonly string[]): ChainBenchOptions {
  const given = new OptionValues(chainUsage);
  const values = given.parse(args, {
    'in-flight': { type: 'string', default: '1,16,256' },
    seconds: { type: 'string', default: '10' },
    'warm-up-seconds': { type: 'string', default: '2' },
    rounds: { type: 'string', default: '1' },
    partitions: { type: 'string', default: '4' },
    sides: { type: 'string', default: 'both' },
    'bare-records': { type: 'string', default: 'events' },
    'bare-codec': { type: 'string', default: 'kafkajs' },
    json: { type: 'boolean', default: false },
  });
  return {
    inFlight: given.numbers('in-flight', values['in-flight'], { min: 1, max: 10_000, whole: true }),
    seconds: given.number('seconds', values.seconds, { min: 0.1, max: secondsMax }),
    warmUpSeconds: given.number('warm-up-seconds', values['warm-up-seconds'], {
      min: 0,
      max: secondsMax,
    }),
    rounds: given.number('rounds', values.rounds, { min: 1, max: 100, whole: true }),
    partitions: given.number('partitions', values.partitions, { min: 1, max: 64, whole: true }),
    sides: values.sides === 'both' ? sides : [given.oneOf(sides, 'sides', values.sides)],
    bare: {
      records: given.oneOf(bareRecords, 'bare-records', values['bare-records']),
      codec: given.oneOf(bareCodecs, 'bare-codec', values['bare-codec']),
    },
    json: values.json,
  };
}
