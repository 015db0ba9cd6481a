import { TransportError } from '../errors/error-kinds.ts';
import type {
  Consumer,
  Producer,
  Subscription,
  TopicAdmin,
  TransactionalProducer,
  Transport,
} from '../ports/transport.ts';
import { checkCoPartitioning, checkTopicsExist } from '../wire/co-partitioning.ts';
import { MemoryConsumer } from './memory-consumer.ts';
import { type MemoryTransportLimits, memoryTransportLimits } from './memory-limits.ts';
import { createMemoryLog, type MemoryLog } from './memory-log.ts';
import { MemoryProducer } from './memory-producer.ts';
import { MemoryTopicAdmin } from './memory-topic-admin.ts';
import { MemoryTransactionalProducer } from './memory-transactional-producer.ts';

export interface MemoryTransportOptions {
  /** The log that the transports of a process share. Default: one of its own. */
  readonly log?: MemoryLog | undefined;
  readonly limits?: Partial<MemoryTransportLimits> | undefined;
}

/** A transport that can also be made to fail as a process does. */
export interface MemoryTransport extends Transport {
  /** Everything of this transport ends at once, as in a killed process: nothing is committed, nobody is told. */
  crash(): void;
  /** The groups forget this transport's members, as after a pause longer than their sessions; they join anew. */
  loseSessions(): Promise<void>;
  /** What is sent or committed is done, and the answer to it lost, until the returned function is called. */
  loseAnswers(to: 'sends' | 'commits'): () => void;
}

/**
 * Makes a transport without a broker: the embedded default, and the reference for every other one.
 *
 * @example
 * const log = createMemoryLog({ partitions: 4 });
 * const transport = createMemoryTransport({ log });
 */
export function createMemoryTransport({
  log = createMemoryLog(),
  limits,
}: MemoryTransportOptions = {}): MemoryTransport {
  return new LogTransport(log, { ...memoryTransportLimits, ...limits });
}

class LogTransport implements MemoryTransport {
  readonly name = 'memory';
  readonly topics: TopicAdmin;
  readonly #log: MemoryLog;
  readonly #limits: MemoryTransportLimits;
  readonly #consumers = new Set<MemoryConsumer>();
  readonly #producers = new Set<MemoryProducer>();
  readonly #transactional = new Set<MemoryTransactionalProducer>();
  readonly #unheard = new Set<'sends' | 'commits'>();
  #closing: Promise<void> | undefined;

  constructor(log: MemoryLog, limits: MemoryTransportLimits) {
    this.#log = log;
    this.#limits = limits;
    this.topics = new MemoryTopicAdmin(log, () => this.#assertUsable());
  }

  createProducer(): Producer {
    this.#assertOpen();
    const producer = new MemoryProducer(
      this.#log,
      this.#limits.bufferedRecordsMax,
      () => this.#unheard.has('sends'),
      (ended) => this.#producers.delete(ended),
    );
    this.#producers.add(producer);
    return producer;
  }

  async openTransactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    this.#assertOpen();
    const producer = new MemoryTransactionalProducer(
      this.#log,
      transactionalId,
      {
        timeoutMs: this.#limits.transactionTimeoutMs,
        isUnheard: () => this.#unheard.has('commits'),
      },
      (ended) => this.#transactional.delete(ended),
    );
    this.#transactional.add(producer);
    return producer;
  }

  async subscribe(subscription: Subscription): Promise<Consumer> {
    this.#assertUsable();
    const { groupId, broadcast } = subscription;
    const checkTopics = (topics: readonly string[]): void => {
      checkCoPartitioning(groupId, topics, this.#partitionCounts(topics));
    };
    checkTopics(subscription.topics);
    checkTopicsExist(`group ${groupId} cannot read`, broadcast, this.#partitionCounts(broadcast));
    const consumer = new MemoryConsumer(
      this.#log,
      this.#limits,
      subscription,
      checkTopics,
      (ended) => this.#consumers.delete(ended),
    );
    this.#consumers.add(consumer);
    await consumer.join();
    return consumer;
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#assertUsable();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  crash(): void {
    this.#closing ??= Promise.resolve();
    for (const consumer of this.#consumers) consumer.drop();
    this.#dropProducers();
  }

  async loseSessions(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.loseSession()));
  }

  loseAnswers(to: 'sends' | 'commits'): () => void {
    this.#unheard.add(to);
    return () => this.#unheard.delete(to);
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    this.#dropProducers();
  }

  #dropProducers(): void {
    for (const producer of this.#producers) producer.drop();
    for (const producer of this.#transactional) producer.drop();
  }

  #partitionCounts(topics: readonly string[]): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const partitions = this.#log.partitions(topic);
      if (partitions !== undefined) counts.set(topic, partitions.length);
    }
    return counts;
  }

  #assertUsable(): void {
    this.#assertOpen();
    this.#log.assertAvailable();
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new TransportError('stopped', 'the in-memory transport was closed: create a new one');
  }
}
