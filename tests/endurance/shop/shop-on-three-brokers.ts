import { join } from 'node:path';
import { placeOrder } from '@shop/contracts';
import { type ShopDatabases, shopGroups } from '@shop/demo';
import { eventClassesOf, topicsOf } from '@troupe/core';
import {
  addressesNamedIn,
  type KafkaCluster,
  startKafka,
  startSchemaRegistry,
} from '@troupe/infra';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { mainOf } from '../../e2e/service-process.ts';
import { goOnTour } from '../tour/tour-saga.ts';
import type { Part } from './part.ts';
import { ServicePart } from './service-part.ts';
import { brokerParts } from './three-brokers.ts';

export interface ShopOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly onFault: (fault: string) => void;
}

export interface ShopOnThreeBrokers {
  readonly kafka: KafkaCluster;
  readonly registryUrl: string;
  readonly partitions: number;
  readonly databases: ShopDatabases;
  /** Of the tours. */
  readonly tourDatabase: string;
  /** Services and coordinators. */
  readonly services: readonly ServicePart[];
  readonly parts: readonly Part[];
  /** Where orders are placed now. */
  ordersUrl(): Promise<string>;
  /** Ends the services in order; the log stays. Idempotent. */
  stop(): Promise<void>;
  /** Ends all the rest. */
  close(): Promise<void>;
}

const partitions = 4;
const groups = [...shopGroups, 'tour', 'tour-office'];
const serviceNames = ['order', 'inventory', 'payment', 'shipping'] as const;
const coordinatorNames = ['coordinator-1', 'coordinator-2'];

/** The shop as it is deployed where nothing may be lost: each service a process, two coordinators, three brokers. */
export async function openShop(options: ShopOptions): Promise<ShopOnThreeBrokers> {
  const { folder, signal, say, onFault } = options;
  const closes: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closes.splice(0).reverse()) await one();
  };
  try {
    say('Starting three brokers and the services, each a process');
    const registryUrl = await obtainRegistry(signal, closes);
    const kafka = await startKafka({ brokers: 3, signal });
    closes.push(() => kafka.stop());
    await createTopics(kafka);
    await registerSchemas(registryUrl, signal);
    const environment = {
      KAFKA_BROKERS: kafka.bootstrapServers,
      SCHEMA_REGISTRY_URL: registryUrl,
    };
    const services: ServicePart[] = [];
    const stop = async () => {
      await Promise.all(services.splice(0).map((service) => service.stop()));
    };
    closes.push(stop);
    const start = async (name: string, kind: Part['kind'], service: string, main: string) => {
      const process = { name, kind, service, main, folder, environment };
      services.push(await ServicePart.start({ ...process, signal, say, onFault }));
    };
    const coordinator = mainOf('troupe-coordinator');
    const tour = join(import.meta.dirname, '..', 'tour', 'tour-main.ts');
    await Promise.all([
      ...coordinatorNames.map((name) =>
        start(name, 'coordinator', 'troupe-coordinator', coordinator),
      ),
      ...serviceNames.map((name) => start(name, 'service', name, mainOf(name))),
      start('tour', 'service', 'tour', tour),
    ]);
    const order = services.find(({ name }) => name === 'order');
    const database = (name: string) => join(folder, name, `${name}.db`);
    return {
      kafka,
      registryUrl,
      partitions,
      databases: {
        order: database('order'),
        inventory: database('inventory'),
        payment: database('payment'),
        shipping: database('shipping'),
      },
      tourDatabase: database('tour'),
      services: [...services],
      parts: [...services, ...brokerParts(kafka)],
      ordersUrl: async () => `http://127.0.0.1:${await order?.port('orders are taken on')}/orders`,
      stop,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function obtainRegistry(
  signal: AbortSignal,
  closes: (() => Promise<void>)[],
): Promise<string> {
  const { schemaRegistryUrl } = addressesNamedIn(process.env);
  if (schemaRegistryUrl !== undefined) return schemaRegistryUrl;
  const registry = await startSchemaRegistry({ signal });
  closes.push(() => registry.stop());
  return registry.url;
}

/** So that seven processes which start at once find what they need, and register nothing. */
async function registerSchemas(url: string, signal: AbortSignal): Promise<void> {
  const serde = createAvroSerde({ registry: createRegistryClient({ url }) });
  await serde.prepare([placeOrder, goOnTour].flatMap(eventClassesOf), signal);
}

async function createTopics({ bootstrapServers }: KafkaCluster): Promise<void> {
  const brokers = bootstrapServers.split(',');
  const transport = createKafkajsTransport({ brokers, clientId: 'administrator' });
  try {
    // The replication factor is the brokers' default: three.
    await transport.topics.create(topicsOf([placeOrder, goOnTour], groups, { partitions }));
  } finally {
    await transport.close();
  }
}
