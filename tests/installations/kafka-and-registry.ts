import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Logger,
  type Saga,
  type Serde,
  silentLogger,
  type Transport,
  topicsOf,
} from '@troupe/core';
import { type KafkaCluster, startKafka } from '@troupe/infra';
import { schemaRegistryUrl } from '@troupe/infra/test-servers';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';

export interface KafkaAndRegistryOptions {
  readonly sagas: readonly Saga[];
  /** The services and the coordinator. */
  readonly groups: readonly string[];
  readonly partitions?: number;
}

/** Nobody has made any topic yet. */
export const withoutTopics: KafkaAndRegistryOptions = { sagas: [], groups: [], partitions: 0 };

/** What a part of the installation is made of. */
export interface Connection {
  readonly transport: Transport;
  readonly serde: Serde;
  readonly logger: Logger;
}

export interface ConnectOptions {
  readonly logger?: Logger;
  /** Default: the registry itself. */
  readonly registryUrl?: string;
}

/**
 * A Kafka of its own with the topics of some sagas, and the schema registry that all tests share: the names of Troupe's
 * own topics are fixed, so two installations cannot share a Kafka.
 *
 * Owns the Kafka, a folder and every transport that it gave away.
 */
export class KafkaAndRegistry {
  readonly kafka: KafkaCluster;
  /** For databases and logs. */
  readonly folder: string;
  readonly registryUrl = schemaRegistryUrl();
  readonly #transports: Transport[] = [];

  private constructor(kafka: KafkaCluster, folder: string) {
    this.kafka = kafka;
    this.folder = folder;
  }

  static async open({
    sagas,
    groups,
    partitions = 4,
  }: KafkaAndRegistryOptions): Promise<KafkaAndRegistry> {
    const folder = await mkdtemp(join(tmpdir(), 'troupe-e2e-'));
    const installation = new KafkaAndRegistry(await startKafka(), folder);
    try {
      const { transport } = installation.connect('administrator');
      if (partitions > 0) await transport.topics.create(topicsOf(sagas, groups, { partitions }));
      return installation;
    } catch (error) {
      await installation.close();
      throw error;
    }
  }

  get brokers(): readonly string[] {
    return this.kafka.bootstrapServers.split(',');
  }

  /** As each process has: a transport and a serde of its own. */
  connect(clientId: string, options: ConnectOptions = {}): Connection {
    const { logger = silentLogger, registryUrl = this.registryUrl } = options;
    const transport = createKafkajsTransport({ brokers: this.brokers, clientId, logger });
    this.#transports.push(transport);
    const registry = createRegistryClient({ url: registryUrl });
    return { transport, serde: createAvroSerde({ registry }), logger };
  }

  /** The variables that a service which runs as a process reads. */
  get environment(): Readonly<Record<string, string>> {
    return { KAFKA_BROKERS: this.kafka.bootstrapServers, SCHEMA_REGISTRY_URL: this.registryUrl };
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
    await this.kafka.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
