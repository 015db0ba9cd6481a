import type { Claim, ErrorCode, IncomingRecord, TransactionalProducer } from '@troupe/core';
import { copyTraceHeaders, internalTopics, partitionOf, recordBytes } from '@troupe/core/internal';
import { heardLater } from './checkpoints.ts';
import { Committer } from './committing/committer.ts';
import { DefinitionWait } from './definition-wait.ts';
import { deadLetterRecord } from './folding/dead-letter-record.ts';
import type { Interpretation } from './folding/interpret-record.ts';
import { RecordInterpreter } from './folding/record-interpreter.ts';
import { SagaFolder } from './folding/saga-folder.ts';
import { InboundQueue } from './inbound-queue.ts';
import type { ShardParts } from './shard-parts.ts';
import { type ShardProblem, Standstill } from './standstill.ts';
import type { SagaStore } from './state/saga-store.ts';
import type { BrokerTime } from './time/broker-time.ts';
import { TimeProbe } from './time/time-probe.ts';
import { TimeWatch } from './time/time-watch.ts';

/**
 * A shard between one take-over and the next failure: takes records from the queue, folds them in order, commits, lets
 * time pass. After `failed` has rejected it does nothing any more.
 */
export class ShardRun {
  readonly #claim: Claim;
  readonly #parts: ShardParts;
  readonly #queue: InboundQueue;
  readonly #interpreter: RecordInterpreter;
  readonly #folder: SagaFolder;
  readonly #committer: Committer;
  readonly #store: SagaStore;
  readonly #time: BrokerTime;
  readonly #wait: DefinitionWait;
  readonly #probe: TimeProbe;
  readonly #watch: TimeWatch;
  readonly #standstill: Standstill;
  readonly #failure = Promise.withResolvers<never>();
  readonly #stopped = new AbortController();
  /** Records are being folded, or one waits for its schema or definition. */
  #folding = false;
  #draining = false;

  constructor(
    claim: Claim,
    parts: ShardParts,
    producer: TransactionalProducer,
    store: SagaStore,
    offsets: ReadonlyMap<string, bigint>,
    time: BrokerTime,
    onCommitted: () => void,
  ) {
    const { signal } = this.#stopped;
    const { clock, limits, inputs, waitFor } = parts;
    this.#claim = claim;
    this.#parts = parts;
    this.#queue = new InboundQueue(
      claim,
      inputs,
      limits.bufferedRecordsMax,
      limits.bufferedBytesMax,
    );
    this.#time = time;
    this.#store = store;
    this.#interpreter = new RecordInterpreter(parts, time, signal);
    this.#folder = new SagaFolder({
      partition: claim.partition,
      store,
      graphOf: (saga) => parts.book.get(saga),
      serde: parts.serde,
      tracing: parts.tracing,
      logger: parts.logger,
      limits: limits.saga,
      messageBytesMax: limits.messageBytesMax,
      source: parts.groupId,
    });
    this.#committer = new Committer({
      claim,
      producer,
      clock,
      nowMs: () => time.nowMs(),
      limits,
      inputs,
      waitFor,
      offsets,
      onCommitted: () => {
        onCommitted();
        this.#committer.schedule();
        this.#foldAll();
      },
      onFailed: (error) => this.#fail(error),
    });
    this.#wait = new DefinitionWait({
      waiting: store.waiting,
      committer: this.#committer,
      time,
      parts,
      bury: (record, fault) => this.#bury(record, 'definition-unknown', fault),
    });
    this.#probe = new TimeProbe(claim, parts, this.#committer, time, signal);
    this.#standstill = new Standstill(claim.partition, parts);
    this.#watch = new TimeWatch(
      claim,
      parts,
      signal,
      time,
      this.#probe,
      () => store.nextTimerAtMs,
      () => this.#committer.passableMs,
      (knownUntilMs) => {
        this.#queue.push({ knownUntilMs });
        this.#foldAll();
      },
      this.#standstill,
    );
    // Nobody may be listening yet when it fails at once.
    heardLater(this.#failure.promise);
    this.onDefinitions();
  }

  /** Rejects when the run failed, or with the signal's reason when it is aborted. */
  failed(signal: AbortSignal): Promise<never> {
    signal.addEventListener('abort', () => this.#fail(signal.reason), { once: true });
    return this.#failure.promise;
  }

  /** Why it does not go on at the moment, though it is live. */
  get problem(): ShardProblem | undefined {
    return this.#standstill.problem;
  }

  push(record: IncomingRecord): void {
    if (this.#draining || this.#stopped.signal.aborted) return;
    this.#queue.push(record);
    this.#foldAll();
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

  #fail(error: unknown): void {
    this.stop();
    this.#failure.reject(error);
  }

  /** The records of `troupe.state`, which is read while the broker is asked for its time. */
  onStateRecord(record: IncomingRecord): void {
    try {
      this.#probe.onRecord(record);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** There are new definitions: restored sagas, and events, may have waited for theirs. */
  onDefinitions(): void {
    this.#store.setMissingTimers();
    // A mark in the queue may say that they waited long enough, and they did not.
    this.#queue.pushFirst(this.#wait.over);
    this.#foldAll();
    this.#watch.watch();
  }

  /** Folds what is queued, in order, at once: it waits only where a record cannot be understood yet. Never throws. */
  #foldAll(): void {
    // What a drain has cleared away is not folded, so nothing is that came after it: no time has passed, either.
    if (this.#folding || this.#draining || this.#stopped.signal.aborted) return;
    this.#folding = true;
    try {
      const waiting = this.#foldQueued();
      if (waiting === undefined) this.#folding = false;
      else void this.#foldLater(waiting);
      this.#committer.schedule();
      this.#watch.watch();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Returns the record that has to wait, if one has. */
  #foldQueued(): Waiting | undefined {
    while (this.#committer.hasRoom()) {
      const item = this.#queue.shift();
      if (item === undefined) return undefined;
      if ('knownUntilMs' in item) {
        this.#passTime(item.knownUntilMs);
        continue;
      }
      const isFolded = this.#committer.isFolded(item.topic, item.offset);
      if (isFolded && !this.#wait.has(item)) continue;
      const interpretation = this.#interpreter.interpret(item);
      if (interpretation instanceof Promise) return { record: item, interpretation };
      this.#fold(item, interpretation);
    }
    return undefined;
  }

  async #foldLater({ record, interpretation }: Waiting): Promise<void> {
    heardLater(interpretation);
    const isOver = this.#standstill.until(record);
    try {
      const understood = await this.#parts.waitFor('record', () => interpretation);
      if (this.#stopped.signal.aborted || this.#draining) return;
      this.#fold(record, understood);
      this.#folding = false;
      this.#foldAll();
    } catch (error) {
      this.#fail(error);
    } finally {
      isOver();
    }
  }

  #fold(record: IncomingRecord, interpretation: Interpretation): void {
    this.#committer.advance(record.topic, record.offset);
    if (interpretation.kind === 'foreign' || this.#forward(record)) return;
    if (interpretation.kind === 'unknown-definition') {
      this.#wait.begin(record, interpretation.saga);
      return;
    }
    this.#wait.end(record);
    if (interpretation.kind === 'unreadable') {
      this.#bury(record, interpretation.code, interpretation.fault);
      return;
    }
    const { graph, input, headers } = interpretation;
    const payload = { type: headers.type, framed: record.value ?? new Uint8Array() };
    const arrival = { headers, payload, trace: copyTraceHeaders(record.headers) };
    const { batch } = this.#committer;
    // What is known of the broker's time lags behind it: nothing is decided before what it follows from.
    const nowMs = Math.max(this.#time.nowMs(), record.timestampMs);
    const refusal = this.#folder.fold(graph, input, arrival, batch, nowMs);
    if (refusal !== undefined) this.#bury(record, refusal.code, refusal.fault);
  }

  /** No more sagas at once than a batch takes: the rest has its turn when that is on its way. */
  #passTime(untilMs: number): void {
    const { batch } = this.#committer;
    this.#wait.passTime(untilMs);
    // Between asking where the inputs end and having read up to there, minutes may lie.
    const nowMs = Math.max(this.#time.nowMs(), untilMs);
    this.#folder.passTime(batch, untilMs, nowMs, () => this.#committer.isFull);
    if (this.#committer.isFull) this.#queue.push({ knownUntilMs: untilMs });
    else this.#watch.passed();
  }

  /** A foreign partitioner put it here; the shard that has its saga gets it by way of `troupe.outcomes`. */
  #forward(record: IncomingRecord): boolean {
    const { key: rawKey, topic, partition, offset, value, headers } = record;
    if (rawKey === null) return false;
    const rightful = partitionOf(rawKey, this.#parts.partitionCount);
    if (rightful === this.#claim.partition) return false;
    this.#parts.logger.warn('an event on the wrong partition is forwarded', {
      topic,
      partition,
      offset,
      to: rightful,
    });
    const { batch } = this.#committer;
    const key = Buffer.from(rawKey).toString('utf8');
    const to = { topic: internalTopics.outcomes, partition: rightful };
    const forwarded = { ...to, key, value, headers };
    if (recordBytes(forwarded) > this.#parts.limits.messageBytesMax) {
      const fault = `it belongs to partition ${rightful}, and is too large to be forwarded there`;
      this.#bury(record, 'limit-exceeded', fault);
    } else {
      batch.write(forwarded);
    }
    return true;
  }

  #bury(record: IncomingRecord, code: ErrorCode, message: string): void {
    const { clock, logger, groupId, limits } = this.#parts;
    const { topic, partition, offset } = record;
    logger.error('a record goes to the dead letters', { topic, partition, offset, code, message });
    const cause = { groupId, code, message, nowMs: clock.nowMs() };
    this.#committer.batch.write(deadLetterRecord(record, cause, limits.messageBytesMax));
  }
}

interface Waiting {
  readonly record: IncomingRecord;
  readonly interpretation: Promise<Interpretation>;
}
