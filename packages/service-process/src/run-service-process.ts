import { ConfigurationError, type Logger, type Serde, type Transport } from '@troupe/core';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { startTelemetry } from '@troupe/telemetry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { createHealthServer, type Health } from './health-server.ts';
import { createJsonLogger } from './json-logger.ts';
import { listen } from './listen.ts';
import type { ServiceSettings } from './service-settings.ts';

/** What a service is made of that its process provides. */
export interface ProcessParts {
  readonly transport: Transport;
  readonly serde: Serde;
  readonly logger: Logger;
}

/** What a process runs. */
export interface RunningService {
  start(): Promise<void>;
  stop(): Promise<void>;
  health(): Health;
}

export interface ServiceProcess<Settings extends ServiceSettings> {
  readonly name: string;
  /** Throws a `ConfigurationError` with every fault. */
  readonly settings: () => Settings;
  readonly create: (parts: ProcessParts, settings: Settings) => RunningService;
}

/**
 * Runs one service as this process, until SIGTERM or SIGINT asks it to end: it then ends what it began and leaves with
 * status 0. A second signal ends it at once. What keeps it from starting is one line of the log, and status 1.
 */
export async function runServiceProcess<Settings extends ServiceSettings>(
  service: ServiceProcess<Settings>,
): Promise<void> {
  const bootLogger = createJsonLogger(service.name, 'info');
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  const asked = new Promise<NodeJS.Signals>((ask) => {
    process.once('SIGTERM', ask).once('SIGINT', ask);
  });
  try {
    const started = startService(service, stops);
    const signal = await Promise.race([asked, started.then(() => asked)]);
    bootLogger.info(`${service.name} stops`, { signal });
    process.once('SIGTERM', () => process.exit(1)).once('SIGINT', () => process.exit(1));
    await stopAll();
    process.exit(0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    bootLogger.error(`${service.name} did not start: ${reason}`, { error });
    await stopAll().catch((cause) => bootLogger.warn('and did not end well', { error: cause }));
    process.exit(1);
  }
}

async function startService<Settings extends ServiceSettings>(
  { name, settings: readSettings, create }: ServiceProcess<Settings>,
  stops: (() => Promise<void>)[],
): Promise<void> {
  assertNoArguments(name, process.argv.slice(2));
  const settings = readSettings();
  const { kafka, schemaRegistryUrl, otlpEndpoint, logLevel } = settings;
  const logger = createJsonLogger(name, logLevel);
  // First, so that nothing happens untraced.
  const telemetry = await startTelemetry({ serviceName: name, otlpEndpoint, logger });
  stops.push(() => telemetry.stop());
  const transport = createKafkajsTransport({ ...kafka, clientId: name, logger });
  stops.push(() => transport.close());
  const serde = createAvroSerde({ registry: createRegistryClient({ url: schemaRegistryUrl }) });
  const running = create({ transport, serde, logger }, settings);
  // Before the start, which may wait for a broker: alive and not ready is what it is until then.
  const health = createHealthServer(() => running.health());
  stops.push(() => health.close());
  const { host, healthPort } = settings;
  const port = await listen(health, { host, port: healthPort, setting: 'HEALTH_PORT' });
  logger.info(`health is told on port ${port}`, { port });
  stops.push(() => running.stop());
  await running.start();
  logger.info(`${name} takes part`);
}

/** What is set by the environment is easily tried as an option, which would be ignored silently. */
function assertNoArguments(name: string, given: readonly string[]): void {
  if (given.length === 0) return;
  throw new ConfigurationError(
    `${name} takes no options, but was given ${given.join(' ')}. It is set by environment variables: see docs/operations.md`,
  );
}
