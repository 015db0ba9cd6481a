import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly orders: number;
  readonly seed: number;
  readonly json: boolean;
  readonly kafka: boolean;
}

export type DemoArguments =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'fault'; readonly message: string };

/** The warehouse holds enough of each article for this many. */
const ordersMax = 100_000;
const seedMax = 2 ** 32 - 1;

export const usage = `Usage: npm run demo -- [options]

  --orders N   how many orders to place: 1 to ${ordersMax}, default 100
  --seed S     which orders: 0 to ${seedMax}, default 1; the same seed gives the same orders
  --kafka      each service in a process of its own, on a real Kafka, registry and Jaeger: those of
               KAFKA_BROKERS, SCHEMA_REGISTRY_URL, OTEL_EXPORTER_OTLP_ENDPOINT, or started now
  --json       only the summary, as one JSON object on standard output
  --help       this text
`;

/** Reads what follows the command's name. Never throws: what is wrong comes back as a sentence. */
export function parseArguments(args: readonly string[]): DemoArguments {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: {
      orders: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
      kafka: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
    // Strict parsing throws sentences about parseArgs itself; the tokens say the same as data.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    const fault = tokenFault(token);
    if (fault !== undefined) return { kind: 'fault', message: fault };
  }
  if (values.help === true) return { kind: 'help' };
  const orders = wholeNumber('--orders', values.orders, 100, 1, ordersMax);
  const seed = wholeNumber('--seed', values.seed, 1, 0, seedMax);
  if (typeof orders === 'string') return { kind: 'fault', message: orders };
  if (typeof seed === 'string') return { kind: 'fault', message: seed };
  const { json = false, kafka = false } = values;
  return {
    kind: 'run',
    options: { orders, seed, json: json === true, kafka: kafka === true },
  };
}

const flags = ['json', 'kafka', 'help'];
const known = ['orders', 'seed', ...flags];

interface Token {
  readonly kind: 'option' | 'positional' | 'option-terminator';
  readonly name?: string;
  readonly rawName?: string;
  readonly value?: string | undefined;
}

function tokenFault({ kind, name = '', rawName, value }: Token): string | undefined {
  if (kind === 'positional') return `'${value}' is no option`;
  if (kind === 'option-terminator') return undefined;
  if (!known.includes(name)) return `there is no option '${rawName}'`;
  return flags.includes(name) && value !== undefined ? `--${name} takes no value` : undefined;
}

function wholeNumber(
  name: string,
  text: string | boolean | undefined,
  preset: number,
  min: number,
  max: number,
): number | string {
  if (text === undefined) return preset;
  const number = Number(text);
  if (typeof text === 'string' && /^\d+$/.test(text) && number >= min && number <= max) {
    return number;
  }
  const got = typeof text === 'string' ? `, not '${text}'` : '';
  return `${name} takes a whole number from ${min} to ${max}${got}`;
}
