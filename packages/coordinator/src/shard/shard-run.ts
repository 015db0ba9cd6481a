import {
  type CancelTimer,
  type Claim,
  type IncomingRecord,
  PoisonMessageError,
  type TransactionalProducer,
} from '@troupe/core';
import { copyTraceHeaders, internalTopics, partitionOf } from '@troupe/core/internal';
import { CommitBatch } from './commit-batch.ts';
import { deadLetterRecord } from './dead-letter-record.ts';
import { type Interpretation, interpretRecord } from './interpret-record.ts';
import { SagaFolder } from './saga-folder.ts';
import type { SagaStore } from './saga-store.ts';
import type { ShardParts } from './shard.ts';

/** In the queue between records: everything appended before this time lies ahead of it. */
interface KnownUntil {
  readonly knownUntilMs: number;
}

/**
 * A shard between one take-over and the next failure: folds records, commits, lets time pass.
 *
 * Owns the queue of records, the open batch and the offsets folded so far. Keeps invariants 1, 2, 4 and 5 of `Shard`;
 * after `failed` has rejected it does nothing any more.
 */
export class ShardRun {
  readonly #claim: Claim;
  readonly #parts: ShardParts;
  readonly #producer: TransactionalProducer;
  readonly #store: SagaStore;
  readonly #folder: SagaFolder;
  /** The next offset to fold, by topic. */
  readonly #offsets: Map<string, bigint>;
  readonly #failure = Promise.withResolvers<never>();
  readonly #stopped = new AbortController();
  #queue: (IncomingRecord | KnownUntil)[] = [];
  #head = 0;
  #batch: CommitBatch;
  #pumping = false;
  #paused = false;
  #committing: Promise<void> | undefined;
  #commitTimer: { readonly dueMs: number; readonly cancel: CancelTimer } | undefined;
  #timeTimer: { readonly dueMs: number; readonly cancel: CancelTimer } | undefined;
  #confirming = false;
  #draining = false;

  constructor(
    claim: Claim,
    parts: ShardParts,
    producer: TransactionalProducer,
    store: SagaStore,
    offsets: Map<string, bigint>,
  ) {
    this.#claim = claim;
    this.#parts = parts;
    this.#producer = producer;
    this.#store = store;
    this.#offsets = offsets;
    this.#batch = new CommitBatch(claim.partition);
    this.#folder = new SagaFolder({
      partition: claim.partition,
      store,
      graphOf: (saga) => parts.book.get(saga),
      serde: parts.serde,
      tracing: parts.tracing,
      logger: parts.logger,
      limits: parts.limits.saga,
      messageBytesMax: parts.limits.messageBytesMax,
      source: parts.groupId,
    });
    // Nobody may be listening yet when it fails at once.
    this.#failure.promise.catch(() => undefined);
    this.#armTimeTimer();
  }

  /** Rejects when the run failed, or with the signal's reason when it is aborted. */
  failed(signal: AbortSignal): Promise<never> {
    signal.addEventListener('abort', () => this.#fail(signal.reason), { once: true });
    return this.#failure.promise;
  }

  push(record: IncomingRecord): void {
    if (this.#draining || this.#stopped.signal.aborted) return;
    this.#queue.push(record);
    if (!this.#paused && this.#queue.length - this.#head > this.#parts.limits.bufferedRecordsMax) {
      this.#paused = true;
      this.#claim.pause(this.#parts.inputs);
    }
    this.#pump();
  }

  /** Commits what is folded, within a limit; what waits in the queue is left to the next holder. */
  async drain(): Promise<void> {
    const { clock, limits } = this.#parts;
    this.#draining = true;
    this.#queue = [];
    this.#head = 0;
    const flushed = (async () => {
      await this.#committing;
      if (this.#batch.folded > 0 && !this.#stopped.signal.aborted) await this.#commit();
    })();
    const enough = new AbortController();
    const limit = clock.sleep(limits.drainTimeoutMs, enough.signal).catch(() => undefined);
    await Promise.race([flushed, limit]);
    enough.abort();
    this.stop();
  }

  stop(): void {
    this.#stopped.abort();
    this.#commitTimer?.cancel();
    this.#timeTimer?.cancel();
    this.#queue = [];
    this.#head = 0;
  }

  #fail(error: unknown): void {
    this.stop();
    this.#failure.reject(error);
  }

  /** Folds what is queued, in order. Waits only where a record needs a schema or a definition that is not here yet. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#head < this.#queue.length && !this.#isFull()) {
      const item = this.#queue[this.#head];
      this.#head += 1;
      if (item === undefined) break;
      if ('knownUntilMs' in item) {
        this.#passTime(item.knownUntilMs);
        continue;
      }
      if (item.offset < (this.#offsets.get(item.topic) ?? 0n)) continue;
      const interpretation = this.#interpret(item);
      if (interpretation instanceof Promise) {
        this.#pumpAfter(item, interpretation);
        return;
      }
      this.#take(item, interpretation);
    }
    this.#pumping = false;
    this.#shrinkQueue();
    this.#scheduleCommit();
    this.#armTimeTimer();
  }

  #pumpAfter(record: IncomingRecord, pending: Promise<Interpretation>): void {
    pending.then(
      (interpretation) => {
        if (this.#stopped.signal.aborted) return;
        this.#take(record, interpretation);
        this.#pumping = false;
        this.#pump();
      },
      (error) => this.#fail(error),
    );
  }

  #shrinkQueue(): void {
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 1_000 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    const { bufferedRecordsMax } = this.#parts.limits;
    if (this.#paused && this.#queue.length - this.#head < bufferedRecordsMax / 2) {
      this.#paused = false;
      this.#claim.resume(this.#parts.inputs);
    }
  }

  /** While a commit is under way the next batch grows no larger than this. */
  #isFull(): boolean {
    return (
      this.#committing !== undefined && this.#batch.folded >= this.#parts.limits.commitRecordsMax
    );
  }

  #interpret(record: IncomingRecord): Interpretation | Promise<Interpretation> {
    const { book, serde } = this.#parts;
    let found: Interpretation | Promise<Interpretation>;
    try {
      found = interpretRecord(record, book, serde);
    } catch (error) {
      if (error instanceof PoisonMessageError) return { kind: 'unreadable', fault: error.message };
      throw error;
    }
    if (found instanceof Promise) return this.#interpretLater(record, found);
    return found.kind === 'unknown-definition' ? this.#awaitDefinition(record) : found;
  }

  /** A definition is published before the first event that names it, so reading all there are now is enough. */
  async #awaitDefinition(record: IncomingRecord): Promise<Interpretation> {
    const { definitionsRead, book, serde } = this.#parts;
    await definitionsRead(this.#stopped.signal);
    return interpretRecord(record, book, serde);
  }

  /** The registry may be away: then this shard waits for it, since later events of the key must not overtake. */
  async #interpretLater(
    record: IncomingRecord,
    first: Promise<Interpretation>,
  ): Promise<Interpretation> {
    const { book, serde, clock, logger, limits } = this.#parts;
    let pending: Interpretation | Promise<Interpretation> = first;
    let delayMs = limits.takeOverDelayMs;
    for (;;) {
      try {
        return await pending;
      } catch (error) {
        if (error instanceof PoisonMessageError) {
          return { kind: 'unreadable', fault: error.message };
        }
        const { topic, partition, offset } = record;
        logger.warn('a record waits for its schema', { topic, partition, offset, error });
        await clock.sleep(delayMs, this.#stopped.signal);
        delayMs = Math.min(delayMs * 2, limits.takeOverDelayMsMax);
        pending = interpretRecord(record, book, serde);
      }
    }
  }

  #take(record: IncomingRecord, interpretation: Interpretation): void {
    const { clock, logger, groupId } = this.#parts;
    this.#offsets.set(record.topic, record.offset + 1n);
    this.#batch.folded += 1;
    if (interpretation.kind === 'foreign') return;
    if (this.#forward(record)) return;
    const nowMs = clock.nowMs();
    if (interpretation.kind === 'input') {
      const { graph, input, headers } = interpretation;
      if (input.kind === 'time-passed') return;
      const payload = { type: headers.type, framed: record.value ?? new Uint8Array() };
      const trace = copyTraceHeaders(record.headers);
      this.#folder.fold(graph, input, { headers, payload, trace }, this.#batch, nowMs);
      return;
    }
    const unknown = interpretation.kind === 'unknown-definition';
    const fault = unknown
      ? `no definition ${interpretation.saga} was published on ${internalTopics.definitions}`
      : interpretation.fault;
    const { topic, partition, offset } = record;
    logger.error('a record goes to the dead letters', { topic, partition, offset, fault });
    const code = unknown ? 'definition-unknown' : 'poison-message';
    this.#batch.other(deadLetterRecord(groupId, record, code, fault, nowMs));
  }

  /** A foreign partitioner put it here; the shard that has its saga gets it by way of `troupe.outcomes`. */
  #forward(record: IncomingRecord): boolean {
    if (record.key === null) return false;
    const partition = partitionOf(record.key, this.#parts.partitionCount);
    if (partition === this.#claim.partition) return false;
    this.#parts.logger.warn('an event on the wrong partition is forwarded', {
      topic: record.topic,
      partition: record.partition,
      offset: record.offset,
      to: partition,
    });
    const key = Buffer.from(record.key).toString('utf8');
    const { value, headers } = record;
    this.#batch.other({ topic: internalTopics.outcomes, partition, key, value, headers });
    return true;
  }

  // --- commits

  #scheduleCommit(): void {
    const { limits, clock } = this.#parts;
    if (this.#committing !== undefined || this.#batch.folded === 0) return;
    if (this.#stopped.signal.aborted) return;
    if (this.#batch.folded >= limits.commitRecordsMax) {
      void this.#commit();
      return;
    }
    const delayMs = this.#batch.isEmpty ? limits.offsetsIntervalMs : limits.commitIntervalMs;
    const dueMs = clock.monotonicMs() + delayMs;
    if (this.#commitTimer !== undefined && this.#commitTimer.dueMs <= dueMs) return;
    this.#commitTimer?.cancel();
    const cancel = clock.after(delayMs, () => void this.#commit());
    this.#commitTimer = { dueMs, cancel };
  }

  #commit(): Promise<void> {
    this.#commitTimer?.cancel();
    this.#commitTimer = undefined;
    const batch = this.#batch;
    this.#batch = new CommitBatch(this.#claim.partition);
    const offsets = new Map(this.#offsets);
    const committing = this.#producer.commit(batch.records(offsets)).then(
      () => {
        batch.settle();
        this.#committing = undefined;
        if (this.#stopped.signal.aborted) return;
        for (const [topic, offset] of offsets) this.#claim.markDone(topic, offset);
        this.#pump();
      },
      (error: unknown) => {
        batch.settle(error);
        this.#committing = undefined;
        this.#fail(error);
      },
    );
    this.#committing = committing;
    return committing;
  }

  // --- time

  #armTimeTimer(): void {
    const { clock, limits } = this.#parts;
    const nextMs = this.#store.nextTimerAtMs;
    if (nextMs === undefined || this.#confirming || this.#stopped.signal.aborted) return;
    if (this.#timeTimer !== undefined && this.#timeTimer.dueMs <= nextMs) return;
    this.#timeTimer?.cancel();
    const delayMs = Math.max(nextMs - clock.nowMs(), limits.timerTickMs);
    const cancel = clock.after(delayMs, () => {
      this.#timeTimer = undefined;
      void this.#confirmTime();
    });
    this.#timeTimer = { dueMs: nextMs, cancel };
  }

  /** Something is due. Whether it came in time is only known when all that was appended until now was folded. */
  async #confirmTime(): Promise<void> {
    const { clock, transport, inputs, limits, logger } = this.#parts;
    const signal = this.#stopped.signal;
    const nowMs = clock.nowMs();
    if ((this.#store.nextTimerAtMs ?? Number.POSITIVE_INFINITY) > nowMs) {
      this.#armTimeTimer();
      return;
    }
    this.#confirming = true;
    try {
      const { partition } = this.#claim;
      const ends = await transport.topics.endOffsets(inputs, partition, 'read-uncommitted');
      while ([...ends].some(([topic, end]) => this.#claim.position(topic) < end)) {
        await clock.sleep(limits.timerTickMs, signal);
      }
      this.#queue.push({ knownUntilMs: nowMs });
      this.#pump();
    } catch (error) {
      if (signal.aborted) return;
      logger.warn('time limits wait: the end of the inputs is not known', { error });
      await clock.sleep(limits.takeOverDelayMs, signal).catch(() => undefined);
      this.#confirming = false;
      this.#armTimeTimer();
    }
  }

  #passTime(nowMs: number): void {
    this.#confirming = false;
    this.#batch.folded += this.#folder.passTime(this.#batch, nowMs);
  }
}
