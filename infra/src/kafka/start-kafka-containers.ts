import { GenericContainer, Network, Wait } from 'testcontainers';
import {
  dockerHost,
  type ServerContainer,
  startServerContainer,
} from '../containers/server-container.ts';
import { freePort } from '../processes/free-port.ts';
import { images } from '../versions.ts';
import { clusterSettings } from './broker-settings.ts';
import { newClusterId } from './cluster-id.ts';
import type { KafkaBroker, KafkaCluster, KafkaOptions } from './kafka-cluster.ts';

const hostListenerPort = 9092;

/** Kafka in containers of the image that docker-compose.yml uses, on a network of their own. */
export async function startKafkaContainers(options: KafkaOptions): Promise<KafkaCluster> {
  const { brokers: brokerCount = 1, signal } = options;
  const host = await dockerHost();
  const network = await new Network().start();
  const clusterId = newClusterId();
  const ids = Array.from({ length: brokerCount }, (_, index) => index + 1);
  const started = await Promise.allSettled(
    ids.map(async (id) => {
      const port = await freePort();
      const environment = {
        CLUSTER_ID: clusterId,
        ...brokerEnvironment(id, brokerCount, host, port),
      };
      const container = new GenericContainer(images.kafka)
        .withNetwork(network)
        .withNetworkAliases(`broker-${id}`)
        .withExposedPorts({ container: hostListenerPort, host: port })
        .withEnvironment(environment)
        .withWaitStrategy(Wait.forLogMessage('Kafka Server started'));
      return { port, server: await startServerContainer(container, signal) };
    }),
  );
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const stop = async () => {
    await Promise.all(running.map(({ server }) => server.remove()));
    await network.stop();
  };
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    bootstrapServers: running.map(({ port }) => `${host}:${port}`).join(','),
    brokers: running.map(({ port, server }) => brokerOf(port, server)),
    stop,
  };
}

function brokerOf(port: number, server: ServerContainer): KafkaBroker {
  return {
    port,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    restart: () => server.restart(),
  };
}

/** The image turns KAFKA_NODE_ID into node.id, and so on. */
function brokerEnvironment(
  id: number,
  brokerCount: number,
  host: string,
  hostPort: number,
): Record<string, string> {
  const voters = Array.from({ length: brokerCount }, (_, index) => {
    return `${index + 1}@broker-${index + 1}:9093`;
  });
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': voters.join(','),
    listeners: `HOST://:${hostListenerPort},CONTROLLER://:9093,BROKER://:9094`,
    'advertised.listeners': `HOST://${host}:${hostPort},BROKER://broker-${id}:9094`,
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'HOST:PLAINTEXT,CONTROLLER:PLAINTEXT,BROKER:PLAINTEXT',
    ...clusterSettings(brokerCount),
  };
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      return [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value];
    }),
  );
}
