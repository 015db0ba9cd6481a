import assert from 'node:assert/strict';
import { type OutgoingRecord, type TransactionalProducer, TransportError } from '@troupe/core';
import type { Producer as KafkajsProducer, Transaction } from 'kafkajs';
import { endWithin } from '../client/end-within.ts';
import { type KafkaClient, openClient, type Surroundings } from '../client/kafka-client.ts';
import { rememberCoordinators } from '../client/remember-coordinators.ts';
import { faultType, transactionErrorOf } from '../client/transport-error-of.ts';
import type { TopicDirectory } from '../topics/topic-directory.ts';
import { arePlacesKnown, checkedSize, checkPlaces, countsOf } from './check-records.ts';
import { PendingSend, SendQueue } from './requests/send-queue.ts';
import { namedPartition } from './requests/topic-batches.ts';
import { sendOnce } from './send-once.ts';
import { SendRound } from './send-round.ts';

/**
 * The broker answers CONCURRENT_TRANSACTIONS for some milliseconds after each commit: kafkajs asks again soon. Its
 * default, 300 ms, would be the time of a commit.
 */
const commitRetries = {
  initialRetryTime: 4,
  multiplier: 1.5,
  factor: 0.1,
  maxRetryTime: 250,
  retries: 25,
};
/** kafkajs gives up when an older holder's transaction takes more than some seconds to be aborted. */
const openAttemptsMax = 3;

export async function openTransactionalProducer(
  surroundings: Surroundings,
  directory: TopicDirectory,
  transactionalId: string,
  onEnd: (producer: KafkajsTransactionalProducer) => void,
): Promise<KafkajsTransactionalProducer> {
  rememberCoordinators();
  const { requestTimeoutMs, transactionTimeoutMs } = surroundings.limits;
  // After that the broker has aborted the transaction, whatever the answer would have been.
  const client = openClient(surroundings, Math.min(requestTimeoutMs, transactionTimeoutMs));
  const inner = client.kafka.producer({
    transactionalId,
    // Else kafkajs asks for a second producer id, for sends outside of transactions.
    idempotent: false,
    maxInFlightRequests: 1,
    transactionTimeout: transactionTimeoutMs,
    allowAutoTopicCreation: false,
    retry: commitRetries,
    createPartitioner: namedPartition,
  });
  inner.on(inner.events.REQUEST_TIMEOUT, client.sockets.dropSilent);
  try {
    await inner.connect();
    // Asks for the producer id, which fences older holders; the broker hears of a transaction with its first record.
    const first = await beginFirst(inner);
    return new KafkajsTransactionalProducer(surroundings, directory, client, inner, first, onEnd);
  } catch (error) {
    client.sockets.cut();
    const doing = `opening the transactions of ${transactionalId} failed`;
    throw transactionErrorOf(doing, error, surroundings.options.brokers);
  }
}

async function beginFirst(inner: KafkajsProducer): Promise<Transaction> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inner.transaction();
    } catch (error) {
      const isOccupied = faultType(error) === 'CONCURRENT_TRANSACTIONS';
      if (!isOccupied || attempt === openAttemptsMax) throw error;
    }
  }
}

/**
 * Owns one kafkajs producer and its producer id and epoch.
 *
 * 1. After any step that failed, or whose end is not known, the producer is dead and stays so (I5).
 * 2. Nothing of a commit reaches the broker when one of its records is too large or has no topic.
 */
export class KafkajsTransactionalProducer implements TransactionalProducer {
  readonly #surroundings: Surroundings;
  readonly #directory: TopicDirectory;
  readonly #client: KafkaClient;
  readonly #inner: KafkajsProducer;
  readonly #onEnd: (producer: KafkajsTransactionalProducer) => void;
  #begun: Transaction | undefined;
  #isCommitting = false;
  #dead: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    surroundings: Surroundings,
    directory: TopicDirectory,
    client: KafkaClient,
    inner: KafkajsProducer,
    first: Transaction,
    onEnd: (producer: KafkajsTransactionalProducer) => void,
  ) {
    this.#surroundings = surroundings;
    this.#directory = directory;
    this.#client = client;
    this.#inner = inner;
    this.#begun = first;
    this.#onEnd = onEnd;
  }

  async commit(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#dead !== undefined) throw this.#dead;
    assert(!this.#isCommitting, 'one commit at a time');
    this.#isCommitting = true;
    try {
      const bytes = checkedSize(records, this.#surroundings.limits.recordBytesMax);
      if (!arePlacesKnown(records, this.#directory)) await checkPlaces(records, this.#directory);
      await this.#commitInTime(new PendingSend(records, bytes));
    } catch (error) {
      const { brokers } = this.#surroundings.options;
      // Closed meanwhile: then that is why it failed.
      this.#dead ??= transactionErrorOf('a transaction failed', error, brokers);
      void this.#end();
      throw this.#dead;
    } finally {
      this.#isCommitting = false;
    }
  }

  close(): Promise<void> {
    this.#dead ??= new TransportError('stopped', 'the transactional producer was closed');
    return this.#end();
  }

  /** Who waits longer waits for a transaction that the broker has aborted. */
  async #commitInTime(send: PendingSend): Promise<void> {
    const { clock, limits } = this.#surroundings;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const text = `it was not committed within ${limits.transactionTimeoutMs} ms`;
    const giveUp = () => reject(new TransportError('transport-unavailable', text));
    const cancel = clock.after(limits.transactionTimeoutMs, giveUp);
    try {
      await Promise.race([this.#commit(send), late]);
    } finally {
      cancel();
    }
  }

  async #commit(send: PendingSend): Promise<void> {
    const { records } = send;
    const transaction = this.#begun ?? (await this.#inner.transaction());
    this.#begun = undefined;
    let round: SendRound | undefined;
    try {
      const counts = await countsOf(records, this.#directory);
      for (const part of inParts(send, this.#surroundings.limits, this.#directory.batchLimits)) {
        round = new SendRound(part, counts);
        await sendOnce(transaction, round);
      }
    } catch (error) {
      this.#directory.sendFailed(records, round?.tooLarge ?? []);
      // Else its readers wait until the transaction has timed out. Who is fenced cannot, which is no news.
      await endWithin(this.#surroundings, transaction.abort());
      throw error;
    }
    await transaction.commit();
  }

  #end(): Promise<void> {
    this.#closing ??= this.#disconnect();
    return this.#closing;
  }

  async #disconnect(): Promise<void> {
    await endWithin(this.#surroundings, this.#inner.disconnect());
    this.#client.sockets.cut();
    this.#onEnd(this);
  }
}

function* inParts(
  send: PendingSend,
  ...limits: ConstructorParameters<typeof SendQueue>
): Iterable<readonly OutgoingRecord[]> {
  const queue = new SendQueue(...limits);
  send.isChecked = true;
  if (send.records.length > 0) queue.push(send);
  while (!queue.isEmpty) yield queue.take().records;
}
