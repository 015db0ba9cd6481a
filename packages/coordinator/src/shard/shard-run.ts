import type { Claim, IncomingRecord, TransactionalProducer } from '@troupe/core';
import { heardLater } from './checkpoints.ts';
import { Committer } from './committing/committer.ts';
import type { Interpretation } from './folding/interpretation.ts';
import { InterpretationWait } from './folding/interpretation-wait.ts';
import { RecordFolder } from './folding/record-folder.ts';
import { type Inbound, InboundQueue } from './inbound-queue.ts';
import type { ShardParts } from './shard-parts.ts';
import { type ShardProblem, Standstill } from './standstill.ts';
import type { SagaStore } from './state/saga-store.ts';
import type { BrokerTime } from './time/broker-time.ts';
import { ShardTime } from './time/shard-time.ts';

export interface ShardRunParts {
  readonly claim: Claim;
  readonly parts: ShardParts;
  readonly producer: TransactionalProducer;
  /** As they were restored, with the input offsets that they are true of. */
  readonly store: SagaStore;
  readonly offsets: ReadonlyMap<string, bigint>;
  readonly time: BrokerTime;
  readonly onCommitted: () => void;
  readonly onMisplaced: () => void;
}

/**
 * A shard between one take-over and the next failure.
 *
 * Owns the order: records and what is known of time are taken from one queue, one after the other, also where one of them
 * waits to be understood. Owns the end: once it is drained, stopped or failed nothing is folded any more. Does not own what
 * a record becomes (`RecordFolder`), until when time has passed (`ShardTime`), nor what is committed when (`Committer`).
 */
export class ShardRun {
  readonly #claim: Claim;
  readonly #parts: ShardParts;
  readonly #store: SagaStore;
  readonly #queue: InboundQueue;
  readonly #interpretations: InterpretationWait;
  readonly #committer: Committer;
  readonly #folder: RecordFolder;
  readonly #time: ShardTime;
  readonly #standstill: Standstill;
  readonly #failure = Promise.withResolvers<never>();
  readonly #stopped = new AbortController();
  readonly #failed = new AbortController();
  /** Records are being folded, or one waits for its schema or definition. */
  #folding = false;
  #draining = false;

  constructor({ claim, parts, store, time, ...given }: ShardRunParts) {
    const { clock, limits, inputs, waitFor } = parts;
    const { signal } = this.#stopped;
    const { partition } = claim;
    this.#claim = claim;
    this.#parts = parts;
    this.#store = store;
    this.#queue = new InboundQueue(claim, inputs, limits);
    this.#interpretations = new InterpretationWait(parts, time, signal);
    this.#standstill = new Standstill(partition, parts);
    this.#committer = new Committer({
      claim,
      producer: given.producer,
      clock,
      nowMs: () => time.nowMs(),
      limits,
      inputs,
      waitFor,
      offsets: given.offsets,
      onCommitted: () => {
        given.onCommitted();
        this.#committer.schedule();
        this.#foldAll();
      },
      onFailed: (error) => this.#fail(error),
    });
    const committer = this.#committer;
    const { onMisplaced } = given;
    this.#folder = new RecordFolder({ partition, parts, store, committer, time, onMisplaced });
    this.#time = new ShardTime({
      claim,
      parts,
      signal,
      time,
      committer,
      standstill: this.#standstill,
      nextAtMs: () => store.nextTimerAtMs,
      onKnown: (knownUntilMs) => {
        this.#queue.push({ knownUntilMs });
        this.#foldAll();
      },
    });
    // Nobody may be listening yet when it fails at once.
    heardLater(this.#failure.promise);
    this.onDefinitions();
  }

  /** Rejects when the run failed, or with the signal's reason when it is aborted. */
  failed(signal: AbortSignal): Promise<never> {
    // The signal outlives the run, and would hold it with all its sagas (I8).
    const untilFailed = { once: true, signal: this.#failed.signal };
    signal.addEventListener('abort', () => this.#fail(signal.reason), untilFailed);
    return this.#failure.promise;
  }

  /** Why it does not go on at the moment, though it is live. */
  get problem(): ShardProblem | undefined {
    return this.#standstill.problem;
  }

  push(record: IncomingRecord): void {
    this.#push(record);
  }

  /** Nothing of this input comes any more from below its position. */
  passed(topic: string): void {
    this.#push({ topic, passedBelow: this.#claim.position(topic) });
  }

  /** The records of `troupe.state`, which is read while the broker is asked for its time. */
  onStateRecord(record: IncomingRecord): void {
    try {
      this.#time.onStateRecord(record);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** There are new definitions: restored sagas, and events, may have waited for theirs. */
  onDefinitions(): void {
    this.#store.setMissingTimers();
    // What is known of time, in the queue, may say that they waited long enough, and they did not.
    this.#queue.pushFirst(this.#folder.nowDefined);
    this.#foldAll();
    this.#time.watch();
  }

  /** Commits what is folded, within a limit; what waits in the queue is left to the next holder. */
  async drain(): Promise<void> {
    const { clock, limits, waitFor } = this.#parts;
    this.#draining = true;
    this.#queue.clear();
    const enough = new AbortController();
    await waitFor('drain', () => {
      const limit = clock.sleep(limits.drainTimeoutMs, enough.signal).catch(() => undefined);
      return Promise.race([this.#committer.flush(), limit]);
    });
    enough.abort();
    this.stop();
  }

  stop(): void {
    this.#stopped.abort();
    this.#committer.stop();
    this.#queue.clear();
  }

  #push(item: Inbound): void {
    if (this.#draining || this.#stopped.signal.aborted) return;
    this.#queue.push(item);
    this.#foldAll();
  }

  #fail(error: unknown): void {
    this.stop();
    this.#failed.abort();
    this.#failure.reject(error);
  }

  /** Folds what is queued, in order, at once: it waits only where a record cannot be understood yet. Never throws. */
  #foldAll(): void {
    // A drain has emptied the queue. Nothing that comes after may be folded, and no time may pass: the emptied records were
    // not folded.
    if (this.#folding || this.#draining || this.#stopped.signal.aborted) return;
    this.#folding = true;
    try {
      const pending = this.#foldQueued();
      if (pending === undefined) this.#folding = false;
      else void this.#foldLater(pending);
      this.#committer.schedule();
      this.#time.watch();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Returns the record that has to wait, if one has. */
  #foldQueued(): PendingRecord | undefined {
    while (this.#committer.hasRoom()) {
      const item = this.#queue.shift();
      if (item === undefined) return undefined;
      if ('knownUntilMs' in item) {
        if (this.#folder.passTime(item.knownUntilMs)) this.#time.passed();
        else this.#queue.push(item);
        continue;
      }
      if ('passedBelow' in item) {
        this.#committer.passOver(item.topic, item.passedBelow);
        continue;
      }
      if (!this.#folder.isToFold(item)) continue;
      const interpretation = this.#interpretations.interpret(item);
      if (interpretation instanceof Promise) return { record: item, interpretation };
      this.#folder.fold(item, interpretation);
    }
    return undefined;
  }

  async #foldLater({ record, interpretation }: PendingRecord): Promise<void> {
    heardLater(interpretation);
    const isOver = this.#standstill.until(record);
    try {
      const understood = await this.#parts.waitFor('record', () => interpretation);
      if (this.#stopped.signal.aborted || this.#draining) return;
      this.#folder.fold(record, understood);
      this.#folding = false;
      this.#foldAll();
    } catch (error) {
      this.#fail(error);
    } finally {
      isOver();
    }
  }
}

interface PendingRecord {
  readonly record: IncomingRecord;
  readonly interpretation: Promise<Interpretation>;
}
