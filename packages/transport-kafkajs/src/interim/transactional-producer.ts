import { type OutgoingRecord, type TransactionalProducer, TransportError } from '@troupe/core';
import { recordBytes } from '@troupe/core/internal';
import type { Producer as KafkajsProducer, Transaction } from 'kafkajs';
import { createPartitioner } from './coalescing-producer.ts';
import type { Connection } from './connection.ts';
import { transportError } from './kafkajs-errors.ts';
import { topicMessages } from './topic-messages.ts';

const requestBytesMax = 900_000;

export async function openTransactionalProducer(
  connection: Connection,
  transactionalId: string,
): Promise<TransactionalProducer & { readonly dead: boolean }> {
  const inner = connection.kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 10_000,
    allowAutoTopicCreation: false,
    // The broker answers CONCURRENT_TRANSACTIONS right after a commit: ask again soon.
    retry: { initialRetryTime: 5, multiplier: 1.5, factor: 0, maxRetryTime: 250, retries: 30 },
    createPartitioner,
  });
  try {
    await inner.connect();
    // Asks for the producer id, which fences older holders; nothing is sent until the first record.
    const first = await inner.transaction();
    return new KafkajsTransactionalProducer(connection, inner, first);
  } catch (error) {
    await inner.disconnect().catch(() => undefined);
    throw transportError(
      `opening the transactions of ${transactionalId} failed`,
      error,
      connection.brokers,
    );
  }
}

class KafkajsTransactionalProducer implements TransactionalProducer {
  readonly #connection: Connection;
  readonly #inner: KafkajsProducer;
  #next: Transaction | undefined;
  #dead: TransportError | undefined;

  constructor(connection: Connection, inner: KafkajsProducer, first: Transaction) {
    this.#connection = connection;
    this.#inner = inner;
    this.#next = first;
  }

  get dead(): boolean {
    return this.#dead !== undefined;
  }

  async commit(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#dead !== undefined) throw this.#dead;
    try {
      const transaction = this.#next ?? (await this.#inner.transaction());
      this.#next = undefined;
      for (const part of split(records)) {
        await transaction.sendBatch({ acks: -1, topicMessages: topicMessages(part) });
      }
      await transaction.commit();
    } catch (error) {
      this.#dead = transportError('a transaction failed', error, this.#connection.brokers);
      await this.close();
      throw this.#dead;
    }
  }

  async close(): Promise<void> {
    this.#dead ??= new TransportError('stopped', 'the transactional producer is closed');
    await this.#inner.disconnect().catch(() => undefined);
  }
}

function* split(records: readonly OutgoingRecord[]): Iterable<readonly OutgoingRecord[]> {
  let part: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = recordBytes(record);
    if (part.length > 0 && bytes + size > requestBytesMax) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
