import { TransportError } from '../errors/error-kinds.ts';
import type { CancelTimer, Clock } from '../ports/clock.ts';
import { systemClock } from '../ports/system-clock.ts';
import type { OutgoingRecord, TopicSpec } from '../ports/transport.ts';
import { partitionOf } from '../wire/partition-of.ts';
import { recordBytes } from '../wire/record-bytes.ts';
import type { RawRecord } from './incoming-record.ts';
import { MemoryGroup } from './memory-group.ts';
import { type MemoryLogLimits, memoryLogLimits } from './memory-limits.ts';
import { MemoryPartition, type MemoryTransaction } from './memory-partition.ts';

export interface MemoryLogOptions {
  /** Topics that nobody made get this many partitions at their first use. Without it they are refused, as on Kafka. */
  readonly partitions?: number | undefined;
  readonly clock?: Clock | undefined;
  /**
   * Runs something soon, and never at once: how sends and deliveries are spread over turns of the event loop. A
   * simulation passes its own, to choose the order. Default: `setImmediate`.
   */
  readonly schedule?: ((run: () => void) => void) | undefined;
  readonly limits?: Partial<MemoryLogLimits> | undefined;
}

/** Makes the log that the in-memory transports of one process share, as services share a broker. */
export function createMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  return new MemoryLog(options);
}

interface TransactionalId {
  epoch: number;
  open: MemoryTransaction | undefined;
  cancelTimeout: CancelTimer | undefined;
}

/**
 * Owns topics, consumer groups and transactional ids: what a broker owns. Does not own connections.
 *
 * 1. A transactional id has at most one open transaction; opening the id anew, and its time-out, abort it and fence its
 *    holder.
 * 2. A transaction's records and markers are written in one synchronous step each: no reader sees half of one.
 */
export class MemoryLog {
  readonly clock: Clock;
  readonly limits: MemoryLogLimits;
  readonly schedule: (run: () => void) => void;
  readonly #autoCreated: number | undefined;
  readonly #topics = new Map<string, readonly MemoryPartition[]>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #transactionalIds = new Map<string, TransactionalId>();
  readonly #waiting = new Set<() => void>();
  #available = true;

  constructor({ partitions, clock, schedule, limits }: MemoryLogOptions) {
    this.clock = clock ?? systemClock;
    this.limits = { ...memoryLogLimits, ...limits };
    this.schedule = schedule ?? ((run) => void setImmediate(run));
    this.#autoCreated = partitions;
  }

  /** False as long as the log plays a broker that is down. */
  get available(): boolean {
    return this.#available;
  }

  /** Sends are refused and nothing is delivered until `bringUp`. What was acknowledged stays. */
  takeDown(): void {
    this.#available = false;
  }

  bringUp(): void {
    this.#available = true;
    for (const wake of [...this.#waiting]) wake();
  }

  onAvailable(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  assertAvailable(): void {
    if (this.#available) return;
    throw new TransportError(
      'transport-unavailable',
      'the in-memory log was taken down: call bringUp() to make it answer again',
    );
  }

  create({ topic, partitions, cleanup }: TopicSpec): void {
    if (this.#topics.has(topic)) return;
    const made = Array.from(
      { length: partitions },
      (_, number) => new MemoryPartition(topic, number, cleanup, this.limits, this.clock),
    );
    this.#topics.set(topic, made);
  }

  /** Undefined when the topic does not exist and is not made by use. */
  partitions(topic: string): readonly MemoryPartition[] | undefined {
    if (!this.#topics.has(topic) && this.#autoCreated !== undefined) {
      this.create({ topic, partitions: this.#autoCreated, cleanup: 'delete' });
    }
    return this.#topics.get(topic);
  }

  partition(topic: string, number: number): MemoryPartition {
    const partition = this.existing(topic)[number];
    if (partition !== undefined) return partition;
    throw new TransportError(
      'topic-missing',
      `topic ${topic} has no partition ${number}: it has ${this.existing(topic).length}`,
      { details: { topic, partition: number } },
    );
  }

  existing(topic: string): readonly MemoryPartition[] {
    const partitions = this.partitions(topic);
    if (partitions !== undefined) return partitions;
    throw new TransportError('topic-missing', `topic ${topic} does not exist: create it first`, {
      details: { topic },
    });
  }

  /** The partition that a record goes to. Throws `topic-missing` or `message-too-large`. */
  target(record: OutgoingRecord): MemoryPartition {
    const partitions = this.existing(record.topic);
    const bytes = recordBytes(record);
    if (bytes > this.limits.recordBytesMax) {
      throw new TransportError(
        'message-too-large',
        `a record of ${bytes} bytes with key ${record.key} is too large for topic ${record.topic}: at most ${this.limits.recordBytesMax} bytes are taken`,
        { details: { topic: record.topic, key: record.key, bytes } },
      );
    }
    return this.partition(
      record.topic,
      record.partition ?? partitionOf(record.key, partitions.length),
    );
  }

  /** Appends what a foreign client wrote: any bytes, on any partition. */
  appendForeign(record: RawRecord, partition: number): void {
    this.partition(record.topic, partition).append(record);
  }

  group(groupId: string): MemoryGroup {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    const group = new MemoryGroup(groupId, (topic) => this.existing(topic));
    this.#groups.set(groupId, group);
    return group;
  }

  /** Fences the older holders of the id. Returns the epoch of the new one. */
  openTransactionalId(id: string): number {
    this.assertAvailable();
    const state = this.#transactionalIds.get(id) ?? {
      epoch: -1,
      open: undefined,
      cancelTimeout: undefined,
    };
    this.#transactionalIds.set(id, state);
    if (state.open !== undefined) this.#end(state, state.open, 'aborted');
    state.epoch += 1;
    return state.epoch;
  }

  beginTransaction(
    id: string,
    epoch: number,
    records: readonly OutgoingRecord[],
    timeoutMs: number,
  ): MemoryTransaction {
    this.assertAvailable();
    const state = this.#held(id, epoch);
    const targets = records.map((record) => this.target(record));
    const transaction: MemoryTransaction = { state: 'open', partitions: new Map() };
    state.open = transaction;
    state.cancelTimeout = this.clock.after(timeoutMs, () => {
      state.epoch += 1;
      this.#end(state, transaction, 'aborted');
    });
    records.forEach((record, at) => {
      targets[at]?.append(record, transaction);
    });
    return transaction;
  }

  commitTransaction(id: string, epoch: number, transaction: MemoryTransaction): void {
    this.assertAvailable();
    this.#end(this.#held(id, epoch), transaction, 'committed');
  }

  #held(id: string, epoch: number): TransactionalId {
    const state = this.#transactionalIds.get(id);
    if (state !== undefined && state.epoch === epoch) return state;
    throw new TransportError(
      'producer-fenced',
      `transactional id ${id} is held by a newer producer: this one must not write any more`,
      { details: { transactionalId: id, epoch } },
    );
  }

  #end(state: TransactionalId, transaction: MemoryTransaction, end: 'committed' | 'aborted'): void {
    state.open = undefined;
    state.cancelTimeout?.();
    transaction.state = end;
    for (const partition of transaction.partitions.keys()) partition.endTransaction(transaction);
  }
}
