import { randomUUID } from 'node:crypto';
import {
  type Consumer,
  type IHeaders,
  Kafka,
  type KafkaMessage,
  logLevel,
  type Producer,
} from 'kafkajs';
import { vi } from 'vitest';

/** One record as a bare client reads it. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string | null;
  readonly value: Buffer | null;
  /** As text, whatever their bytes are. */
  readonly headers: Readonly<Record<string, string>>;
}

const endHeader = 'end-of-test';

/**
 * Follows topics from their beginning with a bare kafkajs client: what any other program would see of them. Reads
 * committed records only.
 */
export class RawLog {
  readonly records: RawRecord[] = [];
  readonly #kafka: Kafka;
  readonly #topics: readonly string[];
  readonly #consumer: Consumer;
  readonly #producer: Producer;
  readonly #ends = new Set<string>();

  private constructor(brokers: readonly string[], topics: readonly string[]) {
    this.#kafka = new Kafka({
      clientId: 'raw-log',
      brokers: [...brokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 20, maxRetryTime: 1_000 },
    });
    this.#topics = topics;
    this.#consumer = this.#kafka.consumer({
      groupId: `raw-log-${randomUUID()}`,
      maxWaitTimeInMs: 50,
    });
    this.#producer = this.#kafka.producer();
  }

  static async follow(brokers: readonly string[], topics: readonly string[]): Promise<RawLog> {
    const log = new RawLog(brokers, topics);
    await log.#consumer.connect();
    await log.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await log.#consumer.run({
      eachMessage: async ({ topic, partition, message }) => log.#read(topic, partition, message),
    });
    return log;
  }

  of(...topics: readonly string[]): readonly RawRecord[] {
    return this.records.filter(({ topic }) => topics.includes(topic));
  }

  /**
   * Resolves when everything that was written before the call was read. Marks the end of each partition with a record
   * of its own: for when all who write or read there have stopped.
   */
  async readToEnd(): Promise<void> {
    const end = randomUUID();
    const admin = this.#kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [...this.#topics] });
    await admin.disconnect();
    const marks = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionId }) => ({ topic: name, partition: partitionId })),
    );
    await this.send(
      ...marks.map((mark) => ({ ...mark, key: end, value: null, headers: { [endHeader]: end } })),
    );
    const expected = marks.map(({ topic, partition }) => `${end} ${topic} ${partition}`);
    await vi.waitUntil(() => expected.every((one) => this.#ends.has(one)), 30_000);
  }

  /** Writes as a foreign producer does. */
  async send(...records: readonly ForeignRecord[]): Promise<void> {
    await this.#producer.connect();
    const byTopic = Map.groupBy(records, ({ topic }) => topic);
    await this.#producer.sendBatch({
      topicMessages: [...byTopic].map(([topic, messages]) => ({
        topic,
        messages: messages.map(({ key, value, headers = {}, partition }) => ({
          key,
          value,
          headers,
          ...(partition === undefined ? {} : { partition }),
        })),
      })),
    });
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect();
    await this.#producer.disconnect();
  }

  #read(
    topic: string,
    partition: number,
    { key, value, headers = {}, offset }: KafkaMessage,
  ): void {
    const end = headers[endHeader];
    if (end !== undefined) {
      this.#ends.add(`${end} ${topic} ${partition}`);
      return;
    }
    this.records.push({
      topic,
      partition,
      offset: BigInt(offset),
      key: key === null ? null : key.toString(),
      value,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [name, String(text)]),
      ),
    });
  }
}

export interface ForeignRecord {
  readonly topic: string;
  readonly partition?: number;
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
}
