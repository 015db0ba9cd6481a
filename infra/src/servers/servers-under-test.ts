// What integration tests know of the servers that their global set-up started.
import { inject } from 'vitest';
import './provided-servers.ts';
import { environmentOf } from './server-addresses.ts';

function provided() {
  const servers = inject('troupeServers');
  if (servers !== undefined) return servers;
  throw new Error(
    "The servers run for the integration project only: name the file '.int.test.ts' and use " +
      "'npx vitest run --project integration <file>'.",
  );
}

/** `host:port` of each broker of the Kafka that all integration tests share. */
export function kafkaBrokers(): string[] {
  return provided().addresses.kafkaBrokers.split(',');
}

/** Of the Confluent API of the registry that all integration tests share. */
export function schemaRegistryUrl(): string {
  return provided().addresses.schemaRegistryUrl;
}

/**
 * Why no Jaeger runs here, or undefined where one does:
 * `it.skipIf(jaegerMissing() !== undefined)('...')`. In CI it is never missing.
 */
export function jaegerMissing(): string | undefined {
  const { addresses, jaegerMissing } = provided();
  if (jaegerMissing !== undefined) return jaegerMissing;
  const isComplete = addresses.otlpEndpoint !== undefined && addresses.jaegerQueryUrl !== undefined;
  return isComplete ? undefined : 'JAEGER_QUERY_URL is not set.';
}

/** OTLP over HTTP goes in at one, `GET {queryUrl}/api/traces/{traceId}` reads it back. */
export function jaeger(): { otlpEndpoint: string; queryUrl: string } {
  const { otlpEndpoint, jaegerQueryUrl } = provided().addresses;
  if (otlpEndpoint !== undefined && jaegerQueryUrl !== undefined) {
    return { otlpEndpoint, queryUrl: jaegerQueryUrl };
  }
  throw new Error(`There is no Jaeger here: ${jaegerMissing()}`);
}

/** The variables for a service that a test runs as a process of its own. */
export function serverEnvironment(): Record<string, string> {
  return environmentOf(provided().addresses);
}

let namesGiven = 0;
const runName = `${process.pid.toString(36)}-${Date.now().toString(36)}`;

/**
 * A name that no other test uses, for a topic, group, subject or transactional id: tests share one
 * Kafka and one registry, which may outlive the run. `uniqueName('orders')` is `orders-…-1`.
 */
export function uniqueName(prefix: string): string {
  namesGiven += 1;
  return `${prefix}-${runName}-${namesGiven}`;
}
