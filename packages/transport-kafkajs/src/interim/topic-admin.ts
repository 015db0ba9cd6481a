import type { Isolation, TopicAdmin, TopicSpec } from '@troupe/core';
import type { Admin } from 'kafkajs';
import type { Connection } from './connection.ts';
import { transportError } from './kafkajs-errors.ts';

/** One connection for all questions, opened with the first. */
export class KafkajsTopicAdmin implements TopicAdmin {
  readonly #connection: Connection;
  #admin: Promise<Admin> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#ask('looking up topics failed', async (admin) => {
      const existing = new Set(await admin.listTopics());
      const known = topics.filter((topic) => existing.has(topic));
      if (known.length === 0) return new Map();
      const { topics: found } = await admin.fetchTopicMetadata({ topics: known });
      return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
    });
  }

  create(specs: readonly TopicSpec[]): Promise<void> {
    return this.#ask('creating topics failed', async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = specs.filter(({ topic }) => !existing.has(topic));
      if (missing.length === 0) return;
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map(({ topic, partitions, cleanup, retentionMs, replicationFactor }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: replicationFactor ?? -1,
          configEntries: [
            { name: 'cleanup.policy', value: cleanup },
            { name: 'message.timestamp.type', value: 'LogAppendTime' },
            ...(retentionMs === undefined
              ? []
              : [{ name: 'retention.ms', value: String(retentionMs) }]),
          ],
        })),
      });
    });
  }

  endOffsets(topics: readonly string[], partition: number, _isolation: Isolation) {
    return this.#offsets(topics, partition, 'high');
  }

  startOffsets(topics: readonly string[], partition: number) {
    return this.#offsets(topics, partition, 'low');
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.then((open) => open.disconnect()).catch(() => undefined);
  }

  async check(): Promise<void> {
    await this.#ask('no broker answers', (admin) => admin.describeCluster());
  }

  #offsets(
    topics: readonly string[],
    partition: number,
    which: 'high' | 'low',
  ): Promise<ReadonlyMap<string, bigint>> {
    return this.#ask('looking up offsets failed', async (admin) => {
      const found = await Promise.all(
        topics.map(async (topic) => {
          const offsets = await admin.fetchTopicOffsets(topic);
          const of = offsets.find((one) => one.partition === partition);
          return [topic, BigInt(of?.[which] ?? '0')] as const;
        }),
      );
      return new Map(found);
    });
  }

  async #ask<T>(doing: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      this.#admin ??= this.#open();
      return await question(await this.#admin);
    } catch (error) {
      const admin = this.#admin;
      this.#admin = undefined;
      void admin?.then((open) => open.disconnect()).catch(() => undefined);
      throw transportError(doing, error, this.#connection.brokers);
    }
  }

  async #open(): Promise<Admin> {
    const admin = this.#connection.kafka.admin({
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    await admin.connect();
    return admin;
  }
}
