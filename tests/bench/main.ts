// `npm run bench`: measures on a real Kafka. Standard output holds the table, or with --json one
// object and nothing else; everything that is said meanwhile goes to standard error.
// Owns: the Kafka that it starts where KAFKA_BROKERS names none.
import { MissingProgramError, startKafka } from '@troupe/infra';
import { parseBenchOptions, UsageError, usage } from './bench-options.ts';
import { chainTable } from './chain/chain-table.ts';
import { BenchFault, runChainBench } from './chain/run-chain-bench.ts';

async function obtainBrokers(signal: AbortSignal) {
  const named = process.env['KAFKA_BROKERS'] ?? '';
  if (named !== '') return { brokers: named, stop: async () => undefined };
  console.error('Starting Kafka ...');
  const { bootstrapServers, stop } = await startKafka({ signal });
  return { brokers: bootstrapServers, stop };
}

async function main(signal: AbortSignal): Promise<void> {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options === 'help') return console.error(usage);
  const kafka = await obtainBrokers(signal);
  try {
    const report = await runChainBench(options, {
      brokers: kafka.brokers.split(','),
      signal,
      say: (line) => console.error(line),
    });
    console.log(options.json ? JSON.stringify(report) : chainTable(report));
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
