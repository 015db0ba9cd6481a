import type { IncomingRecord, Isolation } from '@troupe/core';
import type { Assigner, Consumer, EachBatchPayload } from 'kafkajs';
import {
  asCluster,
  type Broker,
  type Cluster,
  type FetchedTopic,
  type FetchRequest,
} from '../client/cluster.ts';
import { endWithin } from '../client/end-within.ts';
import { fewRetries, openClient, type Surroundings } from '../client/kafka-client.ts';
import type { OpenSockets } from '../client/open-sockets.ts';
import { Gathering } from './gathering.ts';
import type { GroupSeat } from './group-seat.ts';
import { incomingRecord } from './incoming-record.ts';
import { withoutAborted } from './without-aborted.ts';

export interface PollEvents {
  /** kafkajs is about to fetch from `offset`. Whether it shall: it does not where the reader has paused. */
  isWanted(topic: string, partition: number, offset: bigint): boolean;
  /** Whether they were taken; if not they come again. Throws what the reader throws. */
  onRecords(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    next: bigint,
  ): boolean;
  /** Below `next` there are only transaction markers, aborted records and gaps. */
  onPassed(topic: string, partition: number, next: bigint): void;
  onOutOfRange(topic: string, partition: number, offset: bigint): void;
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
 * One kafkajs consumer, from its start to its first failure or to `stop`: it fetches, and hands on what it gets.
 *
 * It commits nothing, and kafkajs never starts it again by itself: whoever owns it makes a new one. After `stop` or
 * `onEnd` no event comes.
 */
export class PollLoop {
  readonly #surroundings: Surroundings;
  readonly #options: PollOptions;
  readonly #events: PollEvents;
  readonly #consumer: Consumer;
  readonly #sockets: OpenSockets;
  #hasEnded = false;
  #waiting: (() => void)[] = [];
  #resumeExpectedUntilMs = 0;
  readonly #gathering: Gathering;

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
    this.#gathering = new Gathering(options.gatherMs);
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
          this.#watchFetches(asCluster(cluster));
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

  /** Leaves the group if the seat was given up. Within a limit; `isHopeless` does not wait at all. */
  async stop(isHopeless: boolean): Promise<void> {
    this.#hasEnded = true;
    this.wake();
    if (!isHopeless) await endWithin(this.#surroundings, this.#consumer.disconnect());
    this.#sockets.cut();
  }

  seek(topic: string, partition: number, offset: bigint): void {
    if (this.#hasEnded) return;
    try {
      this.#consumer.seek({ topic, partition, offset: String(offset) });
      this.wake();
    } catch (error) {
      // kafkajs refuses while it is between a failure and its end; the next consumer is told everything anew.
      this.#surroundings.logger.debug('kafkajs takes no orders any more', { error });
    }
  }

  /** A reader has paused, most likely not for long. */
  expectResume(): void {
    const { clock, limits } = this.#surroundings;
    this.#resumeExpectedUntilMs = clock.monotonicMs() + limits.resumeExpectedMs;
  }

  /** There may be something to fetch again. */
  wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
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
    this.#gathering.delivered(topic, records.length, this.#surroundings.clock.monotonicMs());
    if (this.#events.onRecords(topic, partition, records, BigInt(last) + 1n)) resolveOffset(last);
  }

  #watchFetches(cluster: Cluster): void {
    const watched = new WeakSet<Broker>();
    const find = cluster.findBroker.bind(cluster);
    cluster.findBroker = async (node) => {
      const broker = await find(node);
      if (!watched.has(broker)) {
        watched.add(broker);
        const fetch = broker.fetch.bind(broker);
        broker.fetch = (request) => this.#fetch(request, fetch);
      }
      return broker;
    };
  }

  /**
   * Pausing is done here, and kafkajs never hears of it: it would sleep for `fetchWaitMs` when all is paused, however
   * soon one resumes. A fetch that runs without what is paused cannot be called back, so while a resume is likely it is
   * a short one; and so is one that leaves out what is being gathered.
   */
  async #fetch(asked: FetchRequest, fetch: Broker['fetch']): ReturnType<Broker['fetch']> {
    const wanted = asked.topics
      .map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.filter(({ partition, fetchOffset }) =>
          this.#events.isWanted(topic, partition, BigInt(fetchOffset)),
        ),
      }))
      .filter(({ partitions }) => partitions.length > 0);
    const { clock, limits } = this.#surroundings;
    const nowMs = clock.monotonicMs();
    const left = wanted.map(({ topic }) => this.#gathering.leftMs(topic, nowMs));
    const topics = wanted.filter((_, index) => left[index] === 0);
    const gatheredMs = Math.min(limits.fetchWaitMs, ...left.filter((leftMs) => leftMs > 0));
    if (topics.length === 0) {
      await this.#wait(gatheredMs);
      return { responses: [] };
    }
    const isResumeExpected = nowMs < this.#resumeExpectedUntilMs;
    const waitMs = isResumeExpected ? limits.fetchWaitWhilePausedMs : asked.maxWaitTime;
    const maxWaitTime = Math.ceil(Math.min(waitMs, gatheredMs));
    const request = { ...asked, topics, maxWaitTime };
    try {
      const { responses } = await fetch(request);
      return { responses: responses.map(committedOf) };
    } catch (error) {
      const place = outOfRange(error);
      if (place === undefined) throw error;
      // kafkajs would commit another offset in place of the lost one, and go on as if nothing had happened.
      const offset = offsetIn(request, place);
      if (!this.#hasEnded) this.#events.onOutOfRange(place.topic, place.partition, offset);
      return { responses: [] };
    }
  }

  async #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const { clock } = this.#surroundings;
    const cancel = clock.after(delayMs, () => this.wake());
    await promise;
    cancel();
  }
}

function committedOf({ topicName, partitions }: FetchedTopic): FetchedTopic {
  return { topicName, partitions: partitions.map(withoutAborted) };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

function outOfRange(error: unknown): Place | undefined {
  if (!(error instanceof Error) || error.name !== 'KafkaJSOffsetOutOfRange') return undefined;
  if (!('topic' in error) || !('partition' in error)) return undefined;
  const { topic, partition } = error;
  return typeof topic === 'string' && typeof partition === 'number'
    ? { topic, partition }
    : undefined;
}

function offsetIn(request: FetchRequest, { topic, partition }: Place): bigint {
  const partitions = request.topics.find((one) => one.topic === topic)?.partitions;
  return BigInt(partitions?.find((one) => one.partition === partition)?.fetchOffset ?? -1);
}
