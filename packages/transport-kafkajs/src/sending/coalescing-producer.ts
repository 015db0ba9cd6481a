import { type OutgoingRecord, type Producer, TransportError } from '@troupe/core';
import type { Producer as KafkajsProducer } from 'kafkajs';
import { endWithin } from '../client/end-within.ts';
import {
  fewRetries,
  type KafkaClient,
  openClient,
  type Surroundings,
} from '../client/kafka-client.ts';
import { transportErrorOf } from '../client/transport-error-of.ts';
import type { TopicDirectory } from '../topics/topic-directory.ts';
import { arePlacesKnown, checkedSize, checkPlaces, countsOf } from './check-records.ts';
import { PendingSend, SendQueue, type SendRequest } from './requests/send-queue.ts';
import {
  failInDoubt,
  smallerRequests,
  withoutAcknowledged,
  withoutFailed,
} from './requests/smaller-requests.ts';
import { namedPartition } from './requests/topic-batches.ts';
import { sendOnce } from './send-once.ts';
import { SendRound } from './send-round.ts';

interface Inner {
  readonly client: KafkaClient;
  readonly producer: KafkajsProducer;
}

/** kafkajs tries again under the same producer id; when it gives up, the id is given up too. */
const sendRetries = { ...fewRetries, retries: 3 };

/**
 * An idempotent producer whose concurrent sends travel together.
 *
 * Owns what waits to be sent, and kafkajs's producer. Does not own the directory of topics.
 * 1. One request at a time, so that what is retried cannot be overtaken; what comes meanwhile is the next one.
 * 2. After a failed or indefinite send the kafkajs producer is never used again (I5): it rolls its sequence back, and
 *    the next batch of equal size would be taken for a duplicate of the lost one.
 * 3. Nothing of a send reaches the broker when one of its records is too large or has no topic.
 * 4. What the broker refuses for its content fails alone; what it has written beside is not sent again, and what another
 *    one may have written fails.
 */
export class CoalescingProducer implements Producer {
  readonly #surroundings: Surroundings;
  readonly #directory: TopicDirectory;
  readonly #queue: SendQueue;
  readonly #onEnd: (producer: CoalescingProducer) => void;
  #inner: Promise<Inner> | undefined;
  #sending: Promise<void> | undefined;
  #inFlight: SendRequest['parts'] = [];
  #closing: Promise<void> | undefined;

  constructor(
    surroundings: Surroundings,
    directory: TopicDirectory,
    onEnd: (producer: CoalescingProducer) => void,
  ) {
    this.#surroundings = surroundings;
    this.#directory = directory;
    this.#onEnd = onEnd;
    this.#queue = new SendQueue(surroundings.limits, directory.batchLimits);
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#closing !== undefined) throw stopped();
    const bytes = checkedSize(records, this.#surroundings.limits.recordBytesMax);
    if (records.length === 0) return;
    const send = new PendingSend(records, bytes);
    this.#queue.push(send);
    this.#sending ??= this.#sendAll();
    return send.settled;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends at once: what is not acknowledged by now is rejected with `stopped`. */
  drop(): void {
    this.#closing ??= Promise.resolve();
    for (const { send } of this.#inFlight) send.fail(stopped());
    for (const send of this.#queue.drain()) send.fail(stopped());
    this.#discard();
  }

  async #close(): Promise<void> {
    await this.#sending;
    const inner = this.#inner;
    this.#inner = undefined;
    if (inner !== undefined) await endInner(this.#surroundings, inner);
    this.#onEnd(this);
  }

  async #sendAll(): Promise<void> {
    // Everything that is handed over in this turn of the event loop travels together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (!this.#queue.isEmpty) {
      for (const send of this.#queue.unchecked()) {
        if (arePlacesKnown(send.records, this.#directory)) send.isChecked = true;
        else await this.#check(send);
      }
      const request = this.#queue.take();
      if (request.records.length > 0) await this.#sendTogether(request);
    }
    this.#sending = undefined;
  }

  async #check(send: PendingSend): Promise<void> {
    try {
      await checkPlaces(send.records, this.#directory);
      send.isChecked = true;
    } catch (error) {
      send.fail(this.#failure(error));
    }
  }

  async #sendTogether(request: SendRequest): Promise<void> {
    this.#inFlight = request.parts;
    await this.#attempt(request);
    this.#inFlight = [];
  }

  /** What is refused for something in it is tried again in parts, one after the other: each partition stays in order. */
  async #attempt(request: SendRequest): Promise<void> {
    const { records, parts } = request;
    let round: SendRound | undefined;
    try {
      const { producer } = await this.#connected();
      const counts = await countsOf(records, this.#directory);
      round = new SendRound(records, counts);
      await sendOnce(producer, round);
      for (const { send, count } of parts) send.acknowledge(count);
    } catch (error) {
      this.#discard();
      this.#directory.sendFailed(records, round?.tooLarge ?? []);
      const failure = this.#failure(error);
      const refused = round === undefined ? request : withoutAcknowledged(request, round);
      const smaller = smallerRequests(refused, failure);
      if (smaller.length === 0) for (const { send } of refused.parts) send.fail(failure);
      else if (round !== undefined) failInDoubt(refused, round, failure);
      for (const part of smaller) {
        const left = withoutFailed(part);
        if (left.records.length > 0) await this.#attempt(left);
      }
    }
  }

  #failure(error: unknown): TransportError {
    return transportErrorOf('sending failed', error, this.#surroundings.options.brokers);
  }

  #connected(): Promise<Inner> {
    this.#inner ??= this.#connect();
    return this.#inner;
  }

  async #connect(): Promise<Inner> {
    const client = openClient(this.#surroundings);
    const producer = client.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: sendRetries,
      createPartitioner: namedPartition,
    });
    producer.on(producer.events.REQUEST_TIMEOUT, client.sockets.dropSilent);
    try {
      await producer.connect();
      return { client, producer };
    } catch (error) {
      client.sockets.cut();
      throw error;
    }
  }

  #discard(): void {
    const inner = this.#inner;
    this.#inner = undefined;
    // Who could not connect has nothing to cut.
    void inner?.then(
      ({ client }) => client.sockets.cut(),
      () => undefined,
    );
  }
}

async function endInner(surroundings: Surroundings, inner: Promise<Inner>): Promise<void> {
  const open = await inner.catch(() => undefined);
  if (open === undefined) return;
  await endWithin(surroundings, open.producer.disconnect());
  open.client.sockets.cut();
}

function stopped(): TransportError {
  return new TransportError('stopped', 'the producer was closed: create a new one');
}
