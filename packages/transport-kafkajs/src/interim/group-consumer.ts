import {
  type Consumer,
  type IncomingRecord,
  type Subscription,
  TransportError,
} from '@troupe/core';
import type { EachBatchPayload, Consumer as KafkajsConsumer, KafkaMessage } from 'kafkajs';
import { type Connection, connect, type KafkajsTransportOptions } from './connection.ts';
import { type ClaimOwner, KafkajsClaim } from './kafkajs-claim.ts';
import { transportError } from './kafkajs-errors.ts';
import { wholeNumberAssigner } from './whole-number-assigner.ts';

const commitIntervalMs = 100;
const rebalanceTimeoutMs = 60_000;
const joinTimeoutMs = 60_000;
const outOfRange = 'Offset out of range, resetting to default offset';

/** One member of a consumer group. */
export class GroupConsumer implements Consumer, ClaimOwner {
  readonly #options: KafkajsTransportOptions;
  readonly #subscription: Subscription;
  #topics: readonly string[];
  #connection: Connection;
  #inner: KafkajsConsumer | undefined;
  readonly #claims = new Map<number, KafkajsClaim>();
  #done = new Map<string, { topic: string; partition: number; offset: bigint }>();
  #committing: Promise<void> | undefined;
  #commitTimer: NodeJS.Timeout | undefined;
  #joined = Promise.withResolvers<void>();
  #healthy = false;
  #crashed: Error | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: KafkajsTransportOptions, subscription: Subscription) {
    this.#options = options;
    this.#subscription = subscription;
    this.#topics = subscription.topics;
    this.#connection = connect(options, (message, extra) => {
      if (message !== outOfRange) return;
      const { topic, partition } = extra;
      this.#crash(
        new TransportError(
          'offset-out-of-range',
          `group ${subscription.groupId}: the next offset of ${String(topic)}-${String(partition)} is not there any more`,
        ),
      );
    });
  }

  get partitions(): readonly number[] {
    return [...this.#claims.keys()].sort((a, b) => a - b);
  }

  get healthy(): boolean {
    return this.#healthy;
  }

  async open(): Promise<void> {
    const { groupId, isolation, sessionTimeoutMs, broadcast } = this.#subscription;
    const inner = this.#connection.kafka.consumer({
      groupId,
      readUncommitted: isolation === 'read-uncommitted',
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: Math.min(3_000, Math.floor(sessionTimeoutMs / 3)),
      maxWaitTimeInMs: 100,
      minBytes: 1,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 100 },
      partitionAssigners: [
        (given) => {
          this.#beforeEachJoin(given.cluster);
          return wholeNumberAssigner(() => ({
            topics: this.#topics,
            broadcast,
            owned: this.partitions,
          }))(given);
        },
      ],
    });
    this.#inner = inner;
    this.#joined = Promise.withResolvers();
    this.#joined.promise.catch(() => undefined);
    inner.on(inner.events.GROUP_JOIN, ({ payload: { memberAssignment } }) =>
      this.#onJoined(memberAssignment),
    );
    inner.on(inner.events.START_BATCH_PROCESS, ({ payload }) => {
      // A batch of nothing but markers and aborted records is never handed to eachBatch.
      if (payload.firstOffset !== null)
        this.#passed(
          payload.topic,
          payload.partition,
          BigInt(payload.lastOffset) + 1n,
          payload.batchSize,
        );
    });
    inner.on(inner.events.CRASH, ({ payload: { error, restart } }) => {
      this.#healthy = false;
      if (!restart)
        this.#crash(
          transportError(`consumer of ${groupId} ended`, error, this.#connection.brokers),
        );
    });
    try {
      await inner.connect();
      await inner.subscribe({ topics: [...this.#topics, ...broadcast], fromBeginning: true });
      await inner.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (batch) => this.#onBatch(batch),
      });
      await this.#joined.promise;
    } catch (error) {
      await inner.disconnect().catch(() => undefined);
      throw transportError(`joining group ${groupId} failed`, error, this.#connection.brokers);
    }
  }

  async changeTopics(topics: readonly string[]): Promise<void> {
    await this.#leave();
    this.#topics = topics;
    await this.open();
  }

  close(): Promise<void> {
    this.#closed ??= this.#leave();
    return this.#closed;
  }

  async #leave(): Promise<void> {
    this.#healthy = false;
    await this.#revokeAll();
    const inner = this.#inner;
    this.#inner = undefined;
    await inner?.disconnect().catch(() => undefined);
  }

  /** kafkajs looks up the group's coordinator first thing of each join, and waits for that. */
  #beforeEachJoin(cluster: object): void {
    const hooked = cluster as { findGroupCoordinator(given: unknown): Promise<unknown> };
    const original = hooked.findGroupCoordinator.bind(cluster);
    hooked.findGroupCoordinator = async (given) => {
      await this.#revokeAll();
      return original(given);
    };
  }

  async #revokeAll(): Promise<void> {
    const claims = [...this.#claims.values()];
    if (claims.length === 0) return;
    await Promise.all(claims.map((claim) => claim.reader?.onRevoked().catch(() => undefined)));
    await this.#commitNow();
    for (const claim of claims) claim.lose();
    this.#claims.clear();
    this.#done.clear();
  }

  #onJoined(assignment: Record<string, number[]>): void {
    const [first] = this.#topics;
    const numbers = first === undefined ? [] : (assignment[first] ?? []);
    for (const partition of numbers) {
      const claim = new KafkajsClaim(partition, this);
      this.#claims.set(partition, claim);
      claim.reader = this.#subscription.onAssigned(claim);
    }
    this.#healthy = true;
    this.#joined.resolve();
  }

  #onBatch({ batch, resolveOffset, isStale, isRunning }: EachBatchPayload): void {
    if (!isRunning() || isStale() || this.#crashed !== undefined) return;
    const { topic, partition, messages } = batch;
    const records = messages.map((message) => incoming(topic, partition, message));
    if (this.#subscription.broadcast.includes(topic)) {
      resolveOffset(batch.lastOffset());
      this.#subscription.onBroadcast(records);
      return;
    }
    const claim = this.#claims.get(partition);
    if (claim === undefined || claim.isPaused(topic)) return;
    resolveOffset(batch.lastOffset());
    claim.passed(topic, BigInt(batch.lastOffset()) + 1n);
    claim.reader?.onRecords(records);
  }

  #passed(topic: string, partition: number, next: bigint, delivered: number): void {
    if (delivered === 0) this.#claims.get(partition)?.passed(topic, next);
  }

  pausePartition(topics: readonly string[], partition: number): void {
    this.#inner?.pause(topics.map((topic) => ({ topic, partitions: [partition] })));
  }

  resumePartition(topics: readonly string[], partition: number): void {
    this.#inner?.resume(topics.map((topic) => ({ topic, partitions: [partition] })));
  }

  seekPartition(topic: string, partition: number, offset: bigint): void {
    this.#inner?.seek({ topic, partition, offset: String(offset) });
  }

  markDone(topic: string, partition: number, offset: bigint): void {
    this.#done.set(`${topic}/${partition}`, { topic, partition, offset });
    this.#commitTimer ??= setTimeout(() => {
      this.#commitTimer = undefined;
      void this.#commitNow();
    }, commitIntervalMs);
  }

  async #commitNow(): Promise<void> {
    await this.#committing;
    if (this.#done.size === 0 || this.#inner === undefined) return;
    const done = [...this.#done.values()];
    this.#done.clear();
    this.#committing = this.#inner
      .commitOffsets(
        done.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })),
      )
      .catch(() => undefined);
    await this.#committing;
  }

  #crash(error: Error): void {
    if (this.#crashed !== undefined) return;
    this.#crashed = error;
    this.#healthy = false;
    this.#joined.reject(error);
    this.#subscription.onCrash(error);
    void this.#leave();
  }
}

const noHeaders = {};

function incoming(topic: string, partition: number, message: KafkaMessage): IncomingRecord {
  const headers: Record<string, Uint8Array> = {};
  for (const [name, value] of Object.entries(message.headers ?? noHeaders)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) headers[name] = typeof last === 'string' ? Buffer.from(last) : last;
  }
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    headers,
    timestampMs: Number(message.timestamp),
  };
}
