import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withDataFolder } from '../processes/data-folder.ts';
import { freePort, onFreePorts } from '../processes/free-port.ts';
import { type ServerProcess, startServerProcess } from '../processes/server-process.ts';
import { type BrokerPorts, brokerSettings } from './broker-settings.ts';
import { newClusterId } from './cluster-id.ts';
import type { KafkaBroker, KafkaCluster, KafkaOptions } from './kafka-cluster.ts';
import { installKafka, type KafkaJava } from './kafka-distribution.ts';

const runBroker = join(import.meta.dirname, 'run-broker.sh');

/** Kafka as plain Java processes, fetched on first use. */
export async function startKafkaProcesses(options: KafkaOptions): Promise<KafkaCluster> {
  const java = await installKafka(options.signal);
  return onFreePorts(() => startCluster(java, options));
}

async function startCluster(java: KafkaJava, options: KafkaOptions): Promise<KafkaCluster> {
  const { brokers: brokerCount = 1, signal } = options;
  const clusterId = newClusterId();
  const ports: BrokerPorts[] = [];
  for (let count = 0; count < brokerCount; count += 1) {
    ports.push({ port: await freePort(), controllerPort: await freePort() });
  }
  return withDataFolder('kafka', async (folder, removeFolder) => {
    const starts = ports.map((_, index) =>
      prepareBroker({ java, clusterId, id: index + 1, ports, folder, signal }),
    );
    const prepared = await Promise.all(starts);
    const brokers = await startAll(prepared);
    return {
      bootstrapServers: ports.map(({ port }) => `127.0.0.1:${port}`).join(','),
      brokers,
      stop: async () => {
        await Promise.all(brokers.map((broker) => broker.kill()));
        await removeFolder();
      },
    };
  });
}

interface Preparation {
  readonly java: KafkaJava;
  readonly clusterId: string;
  readonly id: number;
  readonly ports: readonly BrokerPorts[];
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}

interface PreparedBroker {
  readonly port: number;
  readonly start: () => Promise<ServerProcess>;
}

async function prepareBroker(preparation: Preparation): Promise<PreparedBroker> {
  const { java, clusterId, id, ports, folder, signal } = preparation;
  const brokerFolder = join(folder, `broker-${id}`);
  await mkdir(brokerFolder);
  const settingsFile = join(brokerFolder, 'server.properties');
  const dataFolder = join(brokerFolder, 'data');
  await writeFile(settingsFile, brokerSettings(id, ports, dataFolder));
  const start = () =>
    startServerProcess({
      name: `Kafka broker ${id}`,
      command: '/bin/sh',
      args: [runBroker, dataFolder, clusterId, settingsFile, java.command, ...java.args],
      folder: brokerFolder,
      removedAfterCrash: folder,
      isReady: (log) => log.includes('Kafka Server started'),
      signal,
    });
  return { port: ports[id - 1]?.port ?? 0, start };
}

/** All or none: the brokers of a cluster that is incomplete are ended again. */
async function startAll(prepared: readonly PreparedBroker[]): Promise<KafkaBroker[]> {
  const results = await Promise.allSettled(
    prepared.map(async ({ port, start }) => brokerOf(port, start, await start())),
  );
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((broker) => broker.kill()));
  throw failed.reason;
}

function brokerOf(
  port: number,
  start: () => Promise<ServerProcess>,
  first: ServerProcess,
): KafkaBroker {
  let server = first;
  return {
    port,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: async () => server.pause(),
    resume: async () => server.resume(),
    restart: async () => {
      await server.stop();
      server = await start();
    },
  };
}
