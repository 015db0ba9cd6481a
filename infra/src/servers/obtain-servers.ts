// The servers that a test run, a demo or a developer uses: those that the environment names, and
// started ones for the rest.
//
// 1. Only what was started here is stopped here.
// 2. All or none: when one cannot be had, those started are stopped before the error is thrown.
//    Jaeger alone may be left out, because everything but the traces works without it.
import { startJaeger } from '../jaeger/start-jaeger.ts';
import { startKafka } from '../kafka/start-kafka.ts';
import { MissingProgramError } from '../programs/missing-program-error.ts';
import { startSchemaRegistry } from '../schema-registry/start-schema-registry.ts';
import { addressesNamedIn, type ServerAddresses } from './server-addresses.ts';

export interface ObtainOptions {
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ObtainedServers {
  readonly addresses: ServerAddresses;
  /** Why there is no Jaeger, where there is none. */
  readonly jaegerMissing?: string | undefined;
  stop(): Promise<void>;
}

interface Obtained<T> {
  readonly value: T;
  readonly stop?: () => Promise<void>;
}

/** Starts what `env` does not name, at the same time. Throws a MissingProgramError. */
export async function obtainServers(options: ObtainOptions = {}): Promise<ObtainedServers> {
  const { env = process.env, signal } = options;
  const named = addressesNamedIn(env);
  const parts = [
    obtainKafka(named.kafkaBrokers, signal),
    obtainRegistry(named.schemaRegistryUrl, signal),
    obtainJaeger(named, signal),
  ] as const;
  const settled = await Promise.allSettled(parts);
  const stop = async () => {
    const stops = settled.map((part) => (part.status === 'fulfilled' ? part.value.stop?.() : null));
    await Promise.all(stops);
  };
  const [kafka, registry, jaeger] = settled;
  if (kafka.status === 'fulfilled' && registry.status === 'fulfilled') {
    if (jaeger.status === 'fulfilled') {
      const addresses = { ...kafka.value.value, ...registry.value.value, ...jaeger.value.value };
      return { addresses, stop };
    }
    if (jaeger.reason instanceof MissingProgramError) {
      const addresses = { ...kafka.value.value, ...registry.value.value };
      return { addresses, jaegerMissing: jaeger.reason.message, stop };
    }
  }
  await stop();
  const failed = settled.find((part) => part.status === 'rejected');
  throw failed?.reason;
}

async function obtainKafka(
  named: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Obtained<Pick<ServerAddresses, 'kafkaBrokers'>>> {
  if (named !== undefined) return { value: { kafkaBrokers: named } };
  const kafka = await startKafka({ signal });
  return { value: { kafkaBrokers: kafka.bootstrapServers }, stop: kafka.stop };
}

async function obtainRegistry(
  named: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Obtained<Pick<ServerAddresses, 'schemaRegistryUrl'>>> {
  if (named !== undefined) return { value: { schemaRegistryUrl: named } };
  const registry = await startSchemaRegistry({ signal });
  return { value: { schemaRegistryUrl: registry.url }, stop: registry.stop };
}

/** A collector without a query address is somebody's own: it is used, and no Jaeger is started. */
async function obtainJaeger(
  named: Partial<ServerAddresses>,
  signal: AbortSignal | undefined,
): Promise<Obtained<Pick<ServerAddresses, 'otlpEndpoint' | 'jaegerQueryUrl'>>> {
  const { otlpEndpoint, jaegerQueryUrl } = named;
  if (otlpEndpoint !== undefined) return { value: { otlpEndpoint, jaegerQueryUrl } };
  const jaeger = await startJaeger({ signal });
  const value = { otlpEndpoint: jaeger.otlpEndpoint, jaegerQueryUrl: jaeger.queryUrl };
  return { value, stop: jaeger.stop };
}
