import type { Saga, Transport } from '@troupe/core';
import { type KafkaCluster, startKafka } from '@troupe/infra';
import { KafkaProxy } from '@troupe/testing/kafka-proxy';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import {
  type Connection,
  type InstallationOptions,
  ObservedInstallation,
} from './observed-installation.ts';

/** As short as the broker allows: for so long nobody has what a killed member held. */
export const sessionTimeoutMs = 1_000;

interface KafkaInstallationOptions extends Omit<InstallationOptions, 'clock'> {
  /** Makes some of the topics, otherwise than they would be made. */
  readonly prepare?: (brokers: readonly string[]) => Promise<void>;
}

/**
 * A whole installation on a Kafka of its own. Owns it, and every connection: each goes through a proxy, so that a part can
 * lose its wire as a process that is killed, or that sleeps.
 */
export class KafkaInstallation extends ObservedInstallation {
  readonly kafka: KafkaCluster;
  readonly #connections: { readonly transport: Transport; readonly proxy: KafkaProxy }[];

  private constructor(
    kafka: KafkaCluster,
    sagas: Saga | readonly [Saga, ...Saga[]],
    options: InstallationOptions,
  ) {
    const connections: { readonly transport: Transport; readonly proxy: KafkaProxy }[] = [];
    const connect = (): Connection => {
      const proxy = new KafkaProxy();
      const transport = createKafkajsTransport({
        brokers: kafka.bootstrapServers.split(','),
        clientId: `part-${connections.length}`,
        socketFactory: proxy.socketFactory,
        limits: { closeTimeoutMs: 1_000, commitTimeoutMs: 500 },
      });
      connections.push({ transport, proxy });
      return {
        transport,
        kill: () => proxy.cut(),
        loseSessions: async () => {
          proxy.hold();
          await new Promise((resolve) => {
            setTimeout(resolve, sessionTimeoutMs * 1.5);
          });
          proxy.release();
        },
      };
    };
    super(sagas, connect, options);
    this.kafka = kafka;
    this.#connections = connections;
  }

  static async start(
    sagas: Saga | readonly [Saga, ...Saga[]],
    { prepare, ...options }: KafkaInstallationOptions,
  ): Promise<KafkaInstallation> {
    const installation = new KafkaInstallation(await startKafka(), sagas, options);
    try {
      await prepare?.(installation.brokers);
      await installation.open();
      return installation;
    } catch (error) {
      await installation.close();
      throw error;
    }
  }

  get brokers(): readonly string[] {
    return this.kafka.bootstrapServers.split(',');
  }

  override async close(): Promise<void> {
    await super.close();
    await Promise.all(this.#connections.map(({ transport }) => transport.close()));
    await Promise.all(this.#connections.map(({ proxy }) => proxy.close()));
    await this.kafka.stop();
  }
}
