import { type ChainBenchOptions, chainUsage, parseChainOptions } from './chain/chain-options.ts';
import {
  type CoordinatorBenchOptions,
  coordinatorUsage,
  parseCoordinatorOptions,
} from './coordinator/coordinator-options.ts';
import { UsageError } from './option-values.ts';

export type BenchArguments =
  | { readonly bench: 'chain'; readonly options: ChainBenchOptions }
  | { readonly bench: 'coordinator'; readonly options: CoordinatorBenchOptions };

const usages = { chain: chainUsage, coordinator: coordinatorUsage };
export const benchUsage = `${chainUsage}\n\n${coordinatorUsage}`;

/** Which benchmark, and with what options. Undefined: the usage was asked for. */
export function parseBenchArguments(args: readonly string[]): BenchArguments | undefined {
  if (args.includes('--help') || args.includes('-h')) return undefined;
  const [bench, ...rest] = args;
  const known = Object.keys(usages).join("' or '");
  if (bench === undefined || bench.startsWith('-')) {
    throw new UsageError(`Say first which benchmark: '${known}'.\n${benchUsage}`);
  }
  if (bench === 'chain') return { bench, options: parseChainOptions(rest) };
  if (bench === 'coordinator') return { bench, options: parseCoordinatorOptions(rest) };
  throw new UsageError(`There is no benchmark '${bench}', only '${known}'.\n${benchUsage}`);
}
