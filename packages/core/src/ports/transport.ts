/**
 * A partitioned log with keys, consumer groups and transactions, as Kafka has them.
 *
 * Every sentence of this file is kept by a test of the transport's contract suite. A transport belongs to one
 * process; `close` ends everything that it opened.
 */
export interface Transport {
  /** Names the implementation in errors and logs: `memory`, `kafkajs`. */
  readonly name: string;
  /** An idempotent producer with acks=all. Connects at its first send. */
  createProducer(): Producer;
  /**
   * A transactional producer. Resolves when every older holder of `transactionalId` is fenced: what they had not
   * committed is aborted, and what they try from now on is refused with `producer-fenced`.
   */
  openTransactionalProducer(transactionalId: string): Promise<TransactionalProducer>;
  /** Joins a consumer group. Resolves when the group was joined for the first time. */
  subscribe(subscription: Subscription): Promise<Consumer>;
  /** What there is: partition counts, offsets. */
  readonly topics: TopicAdmin;
  /** Rejects with a `TransportError` that names the address when no broker answers in time. */
  check(signal: AbortSignal): Promise<void>;
  /** Idempotent. Closes consumers first, then producers; pending sends are rejected with `stopped`. */
  close(): Promise<void>;
}

/** A header's value as it is on the wire. Text is UTF-8. */
export type HeaderValue = string | Uint8Array;
/** Plain objects, not Maps: several million of these are made in a minute. */
export type Headers = Readonly<Record<string, HeaderValue>>;

export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string;
  /** Null is a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  /** Default: `partitionOf(key, partition count)`, which is Kafka's murmur2. */
  readonly partition?: number | undefined;
}

/** Its bytes may be views on all that was fetched with it: who holds it for long copies them. */
export interface IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Not decoded: a foreign producer may have written any bytes. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Text as bytes. A header that was sent more than once has its last value. */
  readonly headers: Readonly<Record<string, Uint8Array>>;
  /** When the broker appended it (`LogAppendTime`), milliseconds since the epoch. */
  readonly timestampMs: number;
  /** The topic has `CreateTime`: `timestampMs` is by its producer's clock, and nobody knows when it was appended. */
  readonly byProducersClock?: true;
}

export interface Producer {
  /**
   * Resolves when all of `records` are acknowledged by all in-sync replicas, each written once. Sends of one tick travel
   * together; records of one partition are written in the order in which they were handed over. More than
   * `bufferedRecordsMax` unacknowledged records make `send` wait, so that overload slows the caller down.
   *
   * Rejects with a `TransportError`. Then none, some or all of the records may have been written: send them again.
   * After any failed or indefinite send the transport continues under a new producer id (KIP-98), because an
   * old one may take a new batch for a duplicate of a lost one.
   * A record that is too large is refused with `message-too-large` before anything is sent; one that is too large for
   * its topic alone fails so too, and harms no other send.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /** Waits for pending sends, then disconnects. Idempotent. */
  close(): Promise<void>;
}

export interface TransactionalProducer {
  /**
   * Writes all of `records` in one transaction: readers with `read-committed` see all of them or none, in the order
   * given for each partition. One call at a time.
   *
   * Rejects with a `TransportError`; this producer is then dead, and whether the transaction was committed is
   * known only to who reads the log after opening a new one.
   *
   * While it is open, what was written behind it in its partitions waits too. A transaction whose producer has died is
   * aborted after a limit, or when its id is opened anew. A broker that starts again goes on with it.
   */
  commit(records: readonly OutgoingRecord[]): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export type Isolation = 'read-committed' | 'read-uncommitted';

/**
 * What a group member reads: whole partition numbers of all `topics` (which have one partition count), so that
 * partition 3 of every topic is with one member. Only members that have all topics of the group are assigned any.
 */
export interface Subscription {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Topics that every member reads from their beginning, all partitions, without commits. */
  readonly broadcast: readonly string[];
  readonly isolation: Isolation;
  readonly sessionTimeoutMs: number;
  /**
   * How long records of a topic may be held back after others of it were delivered, so that more of them come together:
   * for who reads much and is in no hurry. Asked anew each time. A hint; default 0.
   */
  readonly gatherMs?: ((topic: string) => number) | undefined;
  /**
   * Called when a partition number was assigned, before any of its records. The records of a partition number go to
   * what it returns.
   */
  readonly onAssigned: (claim: Claim) => PartitionReader;
  /** The records of `broadcast` topics: in order for each partition, one call at a time. */
  readonly onBroadcast: (records: readonly IncomingRecord[]) => void;
  /** Something that the consumer cannot mend by trying again, as `offset-out-of-range`. It has stopped by then. */
  readonly onCrash: (error: Error) => void;
}

/** One partition number held by this member. Unusable once `lost` is aborted: its methods then do nothing. */
export interface Claim {
  readonly partition: number;
  /** Aborted when the partition was revoked, the session was lost, or the consumer is closing. */
  readonly lost: AbortSignal;
  /** No more records of these topics are delivered until `resume`, not even ones that were fetched before. */
  pause(topics: readonly string[]): void;
  resume(topics: readonly string[]): void;
  /** The next record of `topic` that is delivered is the first one at or after `offset`. */
  seek(topic: string, offset: bigint): void;
  /** Offsets below `offset` are done: committed to the group in the background, and at the latest at the end. */
  markDone(topic: string, offset: bigint): void;
  /**
   * The offset after the last record that was delivered or passed over (transaction markers, aborted records, gaps
   * of compaction). When it reaches an end offset, everything below that was delivered.
   */
  position(topic: string): bigint;
}

export interface PartitionReader {
  /**
   * Records in offset order for each topic. Must return at once: the poll loop never waits for handlers. A reader
   * that has enough calls `claim.pause`.
   */
  onRecords(records: readonly IncomingRecord[]): void;
  /**
   * The position of `topic` went on without a record: what lies below it is delivered to nobody (transaction markers,
   * aborted records, gaps of compaction). Who marks what is done has to mark that, too: the broker deletes it in time, and
   * an offset below what is left is one that is out of range.
   */
  onPassed?(topic: string): void;
  /**
   * The partition goes to another member. What is begun may be ended within a limit; `markDone` still counts
   * until the promise resolves. When the session was lost already, nothing can be committed any more.
   */
  onRevoked(): Promise<void>;
}

export interface Consumer {
  /** The partition numbers held now. */
  readonly partitions: readonly number[];
  /**
   * Of a broadcast topic's partition: the offset after the last record that was delivered or passed over (transaction
   * markers, aborted records, gaps of compaction). When it reaches an end offset, everything below that was delivered.
   */
  broadcastPosition(topic: string, partition: number): bigint;
  /** Joins anew with other topics, and reads the broadcast ones on where it was. Resolves when the group was joined. */
  changeTopics(topics: readonly string[]): Promise<void>;
  /** True from the first assignment on, as long as the member is in the group. */
  readonly healthy: boolean;
  /**
   * Revokes everything (waiting for `onRevoked`), commits what is done, leaves the group. Nothing is assigned from the call
   * on. Idempotent.
   */
  close(): Promise<void>;
}

export interface TopicAdmin {
  /** Partition counts. A topic that does not exist is left out. */
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * The bytes of the largest record, with its key and headers, that can be sent to each topic, as far as that can be
   * known: a broker may take less. A topic that does not exist is left out.
   */
  recordBytesMax(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Makes what is missing, leaves alone what is there. */
  create(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * For one partition number: the offset after the last record of each topic. With `read-committed`, the last
   * stable offset (below any open transaction).
   */
  endOffsets(
    topics: readonly string[],
    partition: number,
    isolation: Isolation,
  ): Promise<ReadonlyMap<string, bigint>>;
  /** For one partition number: the first offset that there is. */
  startOffsets(topics: readonly string[], partition: number): Promise<ReadonlyMap<string, bigint>>;
}

export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** Default: the broker's. */
  readonly retentionMs?: number | undefined;
  readonly replicationFactor?: number | undefined;
}
