import type { IncomingRecord, Isolation } from '@troupe/core';
import type { Assigner, Consumer, EachBatchPayload } from 'kafkajs';
import { asCluster } from '../../client/cluster.ts';
import { endWithin } from '../../client/end-within.ts';
import { fewRetries, openClient, type Surroundings } from '../../client/kafka-client.ts';
import type { OpenSockets } from '../../client/open-sockets.ts';
import type { GroupSeat } from '../membership/group-seat.ts';
import { type FetchEvents, FetchGate } from './fetch-gate.ts';
import { incomingRecord } from './incoming-record.ts';

export interface PollEvents extends FetchEvents {
  /** Whether they were taken; if not they come again. Throws what the reader throws. */
  onRecords(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    next: bigint,
  ): boolean;
  /** Below `next` there are only transaction markers, aborted records and gaps. */
  onPassed(topic: string, partition: number, next: bigint): void;
  /** Its connections failed for longer than kafkajs tries again, or kafkajs failed. It has ended by then. */
  onEnd(error: Error): void;
}

export interface PollOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly isolation: Isolation;
  readonly sessionTimeoutMs: number;
  /** The least time from one delivery of a topic's records to the next fetch of it. */
  readonly gatherMs: (topic: string) => number;
  readonly assigner: Assigner;
  readonly seat: GroupSeat;
}

/**
 * One kafkajs consumer, from its start to its end: it fetches, and hands on what it gets.
 *
 * It commits nothing, and kafkajs never starts it again by itself: whoever owns it makes a new one. After
 * `leave`, `abandon` or `onEnd` no event comes.
 */
export class PollLoop {
  readonly #surroundings: Surroundings;
  readonly #options: PollOptions;
  readonly #events: PollEvents;
  readonly #consumer: Consumer;
  readonly #sockets: OpenSockets;
  readonly #gate: FetchGate;
  #hasEnded = false;

  constructor(surroundings: Surroundings, options: PollOptions, events: PollEvents) {
    this.#surroundings = surroundings;
    this.#options = options;
    this.#events = events;
    const { limits } = surroundings;
    const { groupId, isolation, sessionTimeoutMs, assigner, seat } = options;
    // An answer that comes later finds the session over.
    const requestTimeoutMs = Math.min(limits.requestTimeoutMs, sessionTimeoutMs);
    const { kafka, sockets } = openClient(surroundings, requestTimeoutMs);
    this.#sockets = sockets;
    this.#gate = new FetchGate(surroundings, options.gatherMs, {
      isWanted: (...fetch) => events.isWanted(...fetch),
      onOutOfRange: (...place) => {
        if (!this.#hasEnded) events.onOutOfRange(...place);
      },
    });
    this.#consumer = kafka.consumer({
      groupId,
      readUncommitted: isolation === 'read-uncommitted',
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: limits.rebalanceTimeoutMs,
      heartbeatInterval: Math.min(limits.heartbeatIntervalMs, Math.floor(sessionTimeoutMs / 3)),
      maxWaitTimeInMs: limits.fetchWaitMs,
      minBytes: 1,
      maxBytes: limits.fetchBytesMax,
      maxBytesPerPartition: limits.fetchPartitionBytesMax,
      allowAutoTopicCreation: false,
      retry: { ...fewRetries, restartOnFailure: async () => false },
      partitionAssigners: [
        ({ cluster }) => {
          seat.attach(asCluster(cluster));
          this.#gate.watch(asCluster(cluster));
          return assigner;
        },
      ],
    });
  }

  /** Failures come as `onEnd`. */
  async start(): Promise<void> {
    const consumer = this.#consumer;
    const { CRASH, REQUEST_TIMEOUT, START_BATCH_PROCESS } = consumer.events;
    consumer.on(REQUEST_TIMEOUT, this.#sockets.dropSilent);
    consumer.on(CRASH, ({ payload }) => this.#end(payload.error));
    consumer.on(START_BATCH_PROCESS, ({ payload }) => {
      // kafkajs hands a batch of which nothing is left to nobody.
      const { topic, partition, batchSize, lastOffset } = payload;
      if (batchSize > 0 || this.#hasEnded) return;
      this.#events.onPassed(topic, partition, BigInt(lastOffset) + 1n);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => this.#onBatch(payload),
      });
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Ends, and leaves the group if the seat was given up. Within a limit. */
  async leave(): Promise<void> {
    this.#hasEnded = true;
    this.#gate.wake();
    await endWithin(this.#surroundings, this.#consumer.disconnect());
    this.#sockets.cut();
  }

  /** Ends at once: there is nothing to leave, or nobody who would hear of it. */
  abandon(): void {
    this.#hasEnded = true;
    this.#gate.wake();
    this.#sockets.cut();
  }

  seek(topic: string, partition: number, offset: bigint): void {
    if (this.#hasEnded) return;
    try {
      this.#consumer.seek({ topic, partition, offset: String(offset) });
      this.#gate.wake();
    } catch (error) {
      // kafkajs refuses while it is between a failure and its end; the next consumer is told everything anew.
      this.#surroundings.logger.debug('kafkajs takes no orders any more', { error });
    }
  }

  /** A reader has paused, most likely not for long. */
  expectResume(): void {
    this.#gate.expectResume();
  }

  /** There may be something to fetch again. */
  wake(): void {
    this.#gate.wake();
  }

  #end(error: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#sockets.cut();
    this.#events.onEnd(error);
  }

  #onBatch({ batch, resolveOffset, isRunning, isStale }: EachBatchPayload): void {
    if (this.#hasEnded || !isRunning() || isStale()) return;
    const { topic, partition, messages } = batch;
    const last = batch.lastOffset();
    const records = messages.map((message) => incomingRecord(topic, partition, message));
    this.#gate.delivered(topic, records.length);
    if (this.#events.onRecords(topic, partition, records, BigInt(last) + 1n)) resolveOffset(last);
  }
}
