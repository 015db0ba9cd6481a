import { join } from 'node:path';
import { placeOrder } from '@shop/contracts';
import { eventClassesOf, systemClock, systemRandom, type Transport, topicsOf } from '@troupe/core';
import { addressesNamedIn, environmentOf, obtainServers } from '@troupe/infra';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import type { Progress } from '../output/progress.ts';
import { postOrder } from './order-client.ts';
import { startServiceProcesses } from './service-processes.ts';
import { type Shop, shopGroups } from './shop.ts';

export interface KafkaShopOptions {
  readonly folder: string;
  /** May name the servers. */
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const listFormat = new Intl.ListFormat('en-GB');

/** Of topics that are made here; those that are there keep theirs. */
const partitionsPreset = 4;

/** The shop as it is deployed: every service and the coordinator in a process of its own, on real servers. */
export async function openShopOnKafka(options: KafkaShopOptions): Promise<Shop> {
  const { folder, environment, progress, signal } = options;
  const closes: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closes.splice(0).reverse()) await one();
  };
  try {
    const unnamed = unnamedServers(environment);
    if (unnamed.length > 0)
      progress.say(`Starting ${listFormat.format(unnamed)} (the very first time, some minutes)`);
    const { addresses, stop } = await obtainServers({ env: environment, signal });
    closes.push(stop);
    const { kafkaBrokers, schemaRegistryUrl, jaegerQueryUrl } = addresses;
    const brokers = kafkaBrokers.split(',');
    const transport = createKafkajsTransport({ brokers, clientId: 'demo' });
    closes.push(() => transport.close());
    const registry = createRegistryClient({ url: schemaRegistryUrl });
    const serde = createAvroSerde({ registry });

    progress.say('Starting the services, each in a process of its own');
    await transport.check(signal);
    await serde.prepare(eventClassesOf(placeOrder), signal);
    await createTopics(transport);
    const variables = environmentOf(addresses);
    const services = await startServiceProcesses({
      folder,
      variables,
      clock: systemClock,
      signal,
    });
    closes.push(services.stop);
    return {
      transport,
      serde,
      setting: 'five processes on Kafka',
      databases: {
        order: join(folder, 'order', 'order.db'),
        inventory: join(folder, 'inventory', 'inventory.db'),
        payment: join(folder, 'payment', 'payment.db'),
        shipping: join(folder, 'shipping', 'shipping.db'),
      },
      orderPrefix: `order-${systemRandom.id().slice(0, 4)}`,
      alone: !environment['KAFKA_BROKERS'],
      died: services.died,
      jaeger:
        jaegerQueryUrl === undefined
          ? undefined
          : { queryUrl: jaegerQueryUrl, isOurs: !environment['OTEL_EXPORTER_OTLP_ENDPOINT'] },
      place: (order) => postOrder({ url: services.ordersUrl, order, clock: systemClock, signal }),
      stop: services.stop,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The servers that are started because nobody named them. */
function unnamedServers(environment: NodeJS.ProcessEnv): string[] {
  const { kafkaBrokers, schemaRegistryUrl, otlpEndpoint } = addressesNamedIn(environment);
  return [
    ...(kafkaBrokers === undefined ? ['Kafka'] : []),
    ...(schemaRegistryUrl === undefined ? ['a schema registry'] : []),
    ...(otlpEndpoint === undefined ? ['Jaeger'] : []),
  ];
}

/** What an administrator does before anything starts. */
async function createTopics(transport: Transport): Promise<void> {
  const wanted = topicsOf([placeOrder], shopGroups, { partitions: partitionsPreset });
  const partitioned = wanted.filter(({ partitions }) => partitions === partitionsPreset);
  const names = partitioned.map(({ topic }) => topic);
  const counts = await transport.topics.partitionCounts(names);
  // An installation has one partition count, and this may be one already.
  const [partitions = partitionsPreset] = counts.values();
  await transport.topics.create(topicsOf([placeOrder], shopGroups, { partitions }));
}
