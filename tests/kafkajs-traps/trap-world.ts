import { createRequire } from 'node:module';
import {
  type Isolation,
  type Logger,
  type OutgoingRecord,
  silentLogger,
  type Transport,
} from '@troupe/core';
import { kafkaBrokers, uniqueName } from '@troupe/infra/test-servers';
import { KafkaProxy } from '@troupe/testing/kafka-proxy';
import type { KafkajsTransportOptions } from '@troupe/transport-kafkajs';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { type Kafka as BareKafka, type logCreator, logLevel, type RetryOptions } from 'kafkajs';
import { vi } from 'vitest';

const requireFromHere = createRequire(import.meta.url);
/** What kafkajs takes without options; where `NODE_ENV` is `test` it takes other ones. */
export const bareRetries: RetryOptions = requireFromHere('kafkajs/src/retry/defaults.js');

/**
 * kafkajs as it is on disk, loaded a second time: what the driver has changed in the modules that it uses itself is not
 * in these. (Encoders and decoders, which kafkajs loads later, are shared.)
 */
function bareKafkajs(): { readonly Kafka: typeof BareKafka } {
  const { cache } = requireFromHere;
  const own = Object.entries(cache).filter(([path]) => path.includes('/node_modules/kafkajs/'));
  for (const [path] of own) delete cache[path];
  const bare = requireFromHere('kafkajs');
  for (const [path, module] of own) cache[path] = module;
  return bare;
}

const { Kafka } = bareKafkajs();

export interface BareOptions {
  readonly requestTimeout?: number;
  readonly logCreator?: logCreator;
}

export interface ReadValue {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
}

/** A bare kafkajs client and this driver, each with a proxy of its own to the same brokers. */
export class TrapWorld {
  readonly #brokers: readonly string[];
  readonly #ends: (() => Promise<unknown>)[] = [];

  constructor(brokers: readonly string[] = kafkaBrokers()) {
    this.#brokers = brokers;
  }

  bare(options: BareOptions = {}): { readonly kafka: BareKafka; readonly proxy: KafkaProxy } {
    const proxy = this.#proxy();
    const kafka = new Kafka({
      brokers: [...this.#brokers],
      clientId: 'bare',
      socketFactory: proxy.socketFactory,
      logLevel: options.logCreator === undefined ? logLevel.NOTHING : logLevel.DEBUG,
      ...options,
    });
    return { kafka, proxy };
  }

  ours(
    limits: KafkajsTransportOptions['limits'] = {},
    logger: Partial<Logger> = {},
  ): {
    readonly transport: Transport;
    readonly proxy: KafkaProxy;
  } {
    const proxy = this.#proxy();
    const transport = createKafkajsTransport({
      brokers: this.#brokers,
      clientId: 'ours',
      socketFactory: proxy.socketFactory,
      limits,
      logger: { ...silentLogger, ...logger },
    });
    this.atEnd(() => transport.close());
    return { transport, proxy };
  }

  async topic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = uniqueName('trap');
    const admin = this.bare().kafka.admin();
    await admin.connect();
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, configEntries }],
    });
    await admin.disconnect();
    return topic;
  }

  /** Everything that a topic holds by now, read by a process that has no part in the test. */
  async read(topic: string, isolation: Isolation = 'read-committed'): Promise<ReadValue[]> {
    const { transport } = this.ours();
    const [partitions = 0] = (await transport.topics.partitionCounts([topic])).values();
    const values: ReadValue[] = [];
    const at = new Map<number, () => bigint>();
    const consumer = await transport.subscribe({
      groupId: uniqueName('reader'),
      topics: [topic],
      broadcast: [],
      isolation,
      sessionTimeoutMs: 10_000,
      onAssigned: (claim) => {
        at.set(claim.partition, () => claim.position(topic));
        return {
          onRecords: (records) => {
            for (const { partition, key, value } of records) {
              values.push({ partition, key: textOf(key), value: textOf(value) });
            }
          },
          onRevoked: async () => undefined,
        };
      },
      onBroadcast: () => undefined,
      onCrash: (error) => {
        throw error;
      },
    });
    for (let partition = 0; partition < partitions; partition += 1) {
      const ends = await transport.topics.endOffsets([topic], partition, isolation);
      const end = ends.get(topic) ?? 0n;
      await eventually(() => (at.get(partition)?.() ?? 0n) >= end);
    }
    await consumer.close();
    return values;
  }

  atEnd(end: () => Promise<unknown>): void {
    this.#ends.unshift(end);
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }

  #proxy(): KafkaProxy {
    const proxy = new KafkaProxy();
    this.#ends.push(() => proxy.close());
    return proxy;
  }
}

export const record = (topic: string, value: string, partition = 0): OutgoingRecord => ({
  topic,
  key: value,
  value: Buffer.from(value),
  headers: {},
  partition,
});

export function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString();
}

export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await isSo())) throw new Error(`never true: ${isSo}`);
    },
    { timeout: 40_000 },
  );
}

/** What became of something that may fail: its error, or what it gave. */
export async function outcomeOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.catch((error: unknown) => error);
}
