import type { CancelTimer, Claim, Clock, TransactionalProducer } from '@troupe/core';
import type { CoordinatorLimits } from '../../coordinator-limits.ts';
import type { WaitFor } from '../checkpoints.ts';
import { CommitBatch } from './commit-batch.ts';
import { RequestLag } from './request-lag.ts';

/**
 * Commits what a shard folds.
 *
 * Owns the open batch, the offsets folded so far and the moment of the next commit. Does not own the producer.
 * Invariants:
 * 1. State, requests, life-cycle records and input offsets of a batch are one transaction (I5).
 * 2. One commit at a time. The next batch fills meanwhile; when it is full, too, folding waits.
 * 3. After a commit failed there is none any more.
 */
export class Committer {
  readonly #claim: Claim;
  readonly #producer: TransactionalProducer;
  readonly #clock: Clock;
  readonly #nowMs: () => number;
  readonly #limits: CoordinatorLimits;
  readonly #inputs: readonly string[];
  readonly #waitFor: WaitFor;
  /** The next offset to fold, by topic; also of topics that were inputs once. */
  readonly #offsets: Map<string, bigint>;
  readonly #onCommitted: () => void;
  readonly #onFailed: (error: unknown) => void;
  readonly #lag = new RequestLag();
  #batch: CommitBatch;
  #committing: Promise<void> | undefined;
  #timer: { readonly dueMs: number; readonly cancel: CancelTimer } | undefined;
  #stopped = false;

  constructor(parts: {
    readonly claim: Claim;
    readonly producer: TransactionalProducer;
    readonly clock: Clock;
    /** The broker's time. */
    readonly nowMs: () => number;
    readonly limits: CoordinatorLimits;
    readonly inputs: readonly string[];
    readonly waitFor: WaitFor;
    readonly offsets: ReadonlyMap<string, bigint>;
    /** There is room again. */
    readonly onCommitted: () => void;
    readonly onFailed: (error: unknown) => void;
  }) {
    this.#claim = parts.claim;
    this.#producer = parts.producer;
    this.#clock = parts.clock;
    this.#nowMs = parts.nowMs;
    this.#limits = parts.limits;
    this.#inputs = parts.inputs;
    this.#waitFor = parts.waitFor;
    this.#offsets = new Map(parts.offsets);
    this.#onCommitted = parts.onCommitted;
    this.#onFailed = parts.onFailed;
    this.#batch = this.#newBatch();
  }

  /** What is folded now is committed with it. */
  get batch(): CommitBatch {
    return this.#batch;
  }

  /** The broker's time, or less where requests are on their way: time limits up to then may pass. */
  get passableMs(): number {
    return this.#lag.passableMs(this.#nowMs());
  }

  /** Nothing more belongs into this batch (`commitRecordsMax`, `commitBytesMax`). */
  get isFull(): boolean {
    const { commitRecordsMax, commitBytesMax } = this.#limits;
    return this.#batch.folded >= commitRecordsMax || this.#batch.bytes >= commitBytesMax;
  }

  /** False: the batch is full, and the one before it is still being committed. A full batch is committed at once. */
  hasRoom(): boolean {
    if (!this.isFull) return true;
    if (this.#stopped || this.#committing !== undefined) return false; // invariant 2
    void this.#commit();
    return true;
  }

  isFolded(topic: string, offset: bigint): boolean {
    return offset < (this.#offsets.get(topic) ?? 0n);
  }

  /** This record is in the batch. */
  advance(topic: string, offset: bigint): void {
    // An event that had waited for its definition lies far below.
    if (!this.isFolded(topic, offset)) this.#offsets.set(topic, offset + 1n);
    this.#batch.count();
  }

  /** What lies below this offset and was not folded is delivered to nobody. The broker may delete it: it has to count. */
  passOver(topic: string, below: bigint): void {
    if (below <= (this.#offsets.get(topic) ?? 0n)) return;
    this.#offsets.set(topic, below);
    this.#batch.count();
  }

  /** Sees to it that what is in the batch is committed in time. */
  schedule(): void {
    if (this.#stopped || this.#committing !== undefined || this.#batch.folded === 0) return;
    if (this.isFull) {
      void this.#commit();
      return;
    }
    const delayMs = this.#delayMs();
    const dueMs = this.#clock.monotonicMs() + delayMs;
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    this.#timer?.cancel();
    this.#timer = { dueMs, cancel: this.#clock.after(delayMs, () => void this.#commit()) };
  }

  /** Resolves when everything folded so far is committed, or failed to be. */
  async flush(): Promise<void> {
    // After a commit the next one may begin by itself.
    while (!this.#stopped && (this.#committing !== undefined || this.#batch.folded > 0)) {
      await this.#waitFor('last-commit', () => this.#committing ?? this.#commit());
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #newBatch(): CommitBatch {
    return new CommitBatch(this.#claim.partition, () => this.#lag.decided(this.#nowMs()));
  }

  #delayMs(): number {
    const { commitIntervalMs, recordIntervalMs, offsetsIntervalMs } = this.#limits;
    if (this.#batch.isAwaited) return commitIntervalMs;
    return this.#batch.hasOnlyOffsets ? offsetsIntervalMs : recordIntervalMs;
  }

  #commit(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const batch = this.#batch;
    this.#batch = this.#newBatch();
    this.#lag.committing();
    const offsets = new Map(this.#offsets);
    this.#committing = this.#write(batch, offsets);
    return this.#committing;
  }

  async #write(batch: CommitBatch, offsets: ReadonlyMap<string, bigint>): Promise<void> {
    try {
      // Invariant 1. Now, when the batch is cut: its entries are live, and what is folded meanwhile belongs to the next one.
      const records = batch.records(offsets);
      await this.#waitFor('commit', () => this.#producer.commit(records));
    } catch (error) {
      this.stop(); // invariant 3
      this.#committing = undefined;
      batch.settle(error);
      this.#onFailed(error);
      return;
    }
    this.#committing = undefined;
    this.#lag.acknowledged(this.#nowMs());
    batch.settle();
    if (this.#stopped) return;
    for (const topic of this.#inputs) {
      const offset = offsets.get(topic);
      if (offset !== undefined) this.#claim.markDone(topic, offset);
    }
    this.#onCommitted();
  }
}
