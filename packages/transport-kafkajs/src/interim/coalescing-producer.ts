import { type OutgoingRecord, type Producer, TransportError } from '@troupe/core';
import { partitionOf, recordBytes } from '@troupe/core/internal';
import type { Producer as KafkajsProducer } from 'kafkajs';
import type { Connection } from './connection.ts';
import { transportError } from './kafkajs-errors.ts';
import { topicMessages } from './topic-messages.ts';

interface Waiting {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  readonly sent: PromiseWithResolvers<void>;
}

export const messageBytesMax = 1_000_000;
/** One request: kafkajs makes one record batch of what it is given for a partition. */
const requestBytesMax = 900_000;
const bufferedRecordsMax = 50_000;

/**
 * An idempotent producer whose concurrent sends travel together.
 *
 * Owns what waits to be sent, and kafkajs's producer. One request at a time; what comes meanwhile is the next. After a
 * failed send the kafkajs producer is discarded (I5): it rolls its sequence back, and the next batch of equal size would
 * be taken for the lost one.
 */
export class CoalescingProducer implements Producer {
  readonly #connection: Connection;
  #inner: Promise<KafkajsProducer> | undefined;
  #waiting: Waiting[] = [];
  #waitingRecords = 0;
  #roomFor: (() => void)[] = [];
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    this.#assertOpen();
    let bytes = 0;
    for (const record of records) {
      const size = recordBytes(record);
      if (size > messageBytesMax) {
        throw new TransportError(
          'message-too-large',
          `a record for ${record.topic} with key ${record.key} has ${size} bytes, the most is ${messageBytesMax}`,
        );
      }
      bytes += size;
    }
    while (this.#waitingRecords >= bufferedRecordsMax) {
      await new Promise<void>((resolve) => this.#roomFor.push(resolve));
      this.#assertOpen();
    }
    const waiting = { records, bytes, sent: Promise.withResolvers<void>() };
    this.#waiting.push(waiting);
    this.#waitingRecords += records.length;
    this.#sending ??= this.#sendAll();
    return waiting.sent.promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#sending;
    this.#closed = true;
    const inner = this.#inner;
    this.#inner = undefined;
    await inner?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  #assertOpen(): void {
    if (this.#closed) throw new TransportError('stopped', 'the producer is closed');
  }

  async #sendAll(): Promise<void> {
    // Everything that is handed over in this turn of the event loop travels with it.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#sendSome(this.#take());
    this.#sending = undefined;
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { bytes: more } of this.#waiting) {
      if (count > 0 && bytes + more > requestBytesMax) break;
      bytes += more;
      count += 1;
    }
    const taken = this.#waiting.splice(0, count);
    for (const { records } of taken) this.#waitingRecords -= records.length;
    for (const resume of this.#roomFor.splice(0)) resume();
    return taken;
  }

  async #sendSome(taken: readonly Waiting[]): Promise<void> {
    try {
      const inner = await this.#connected();
      await inner.sendBatch({
        acks: -1,
        topicMessages: topicMessages(taken.flatMap((one) => one.records)),
      });
      for (const { sent } of taken) sent.resolve();
    } catch (error) {
      this.#discard();
      const failure = transportError('sending failed', error, this.#connection.brokers);
      for (const { sent } of taken) sent.reject(failure);
    }
  }

  #connected(): Promise<KafkajsProducer> {
    this.#inner ??= this.#connect();
    return this.#inner;
  }

  async #connect(): Promise<KafkajsProducer> {
    const producer = this.#connection.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
      createPartitioner,
    });
    await producer.connect();
    return producer;
  }

  #discard(): void {
    const inner = this.#inner;
    this.#inner = undefined;
    void inner?.then((producer) => producer.disconnect()).catch(() => undefined);
  }
}

/** As Kafka's Java client: murmur2 of the key. */
export const createPartitioner =
  () =>
  ({
    partitionMetadata,
    message,
  }: {
    partitionMetadata: readonly unknown[];
    message: { partition?: number; key?: Buffer | string | null };
  }): number =>
    message.partition ?? partitionOf(message.key ?? '', partitionMetadata.length);
