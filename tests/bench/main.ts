// `npm run bench`: measures on a real Kafka. Standard output holds the table, or with --json one
// object and nothing else; everything that is said meanwhile goes to standard error.
// Owns: the Kafka that it starts where KAFKA_BROKERS names none.
import { MissingProgramError, startKafka } from '@troupe/infra';
import { benchUsage, parseBenchArguments } from './bench-arguments.ts';
import { BenchFault, type BenchSurroundings } from './bench-surroundings.ts';
import { chainTable } from './chain/chain-table.ts';
import { runChainBench } from './chain/run-chain-bench.ts';
import { coordinatorTable } from './coordinator/coordinator-table.ts';
import { runCoordinatorBench } from './coordinator/run-coordinator-bench.ts';
import { UsageError } from './option-values.ts';

async function obtainBrokers(signal: AbortSignal) {
  const named = process.env['KAFKA_BROKERS'] ?? '';
  if (named !== '') return { brokers: named, stop: async () => undefined };
  console.error('Starting Kafka ...');
  const { bootstrapServers, stop } = await startKafka({ signal });
  return { brokers: bootstrapServers, stop };
}

async function main(signal: AbortSignal): Promise<void> {
  const asked = parseBenchArguments(process.argv.slice(2));
  if (asked === undefined) return console.error(benchUsage);
  const kafka = await obtainBrokers(signal);
  const brokers = kafka.brokers.split(',');
  const surroundings: BenchSurroundings = { brokers, signal, say: (line) => console.error(line) };
  try {
    if (asked.bench === 'chain') {
      const report = await runChainBench(asked.options, surroundings);
      console.log(asked.options.json ? JSON.stringify(report) : chainTable(report));
    } else {
      const report = await runCoordinatorBench(asked.options, surroundings);
      console.log(asked.options.json ? JSON.stringify(report) : coordinatorTable(report));
    }
  } finally {
    await kafka.stop();
  }
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => stop.abort());
try {
  await main(stop.signal);
} catch (error) {
  if (stop.signal.aborted) {
    console.error('Stopped.');
    process.exitCode = 130;
  } else if (error instanceof UsageError) {
    console.error(error.message);
    process.exitCode = 2;
  } else {
    const isExpected = error instanceof BenchFault || error instanceof MissingProgramError;
    console.error(isExpected ? error.message : error);
    process.exitCode = 1;
  }
}
