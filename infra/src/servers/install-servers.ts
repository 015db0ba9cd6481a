import { installJaeger } from '../jaeger/jaeger-distribution.ts';
import { installKafka } from '../kafka/kafka-distribution.ts';
import { installApicurio } from '../schema-registry/apicurio-distribution.ts';
import { hosting } from './hosting.ts';
import type { MissingServer } from './missing-servers.ts';
import { addressesNamedIn } from './server-addresses.ts';

/**
 * Fetches and builds what the servers need, without starting one, so that it can be under way
 * while something else runs. Jaeger last: it takes minutes, and the others are awaited sooner.
 */
export async function installServers(options: {
  readonly missing: readonly MissingServer[];
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { missing, env = process.env, signal } = options;
  if ((await hosting()) === 'containers') return;
  const named = addressesNamedIn(env);
  const isWanted = (server: MissingServer['server'], address: string | undefined) =>
    address === undefined && !missing.some((entry) => entry.server === server);
  if (isWanted('kafka', named.kafkaBrokers)) await installKafka(signal);
  if (isWanted('schema-registry', named.schemaRegistryUrl)) await installApicurio(signal);
  if (isWanted('jaeger', named.otlpEndpoint)) await installJaeger(signal);
}
