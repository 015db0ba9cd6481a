import type { Claim, IncomingRecord, TransactionalProducer } from '@troupe/core';
import { copyTraceHeaders, internalTopics, partitionOf } from '@troupe/core/internal';
import { Committer } from './committer.ts';
import { deadLetterRecord } from './dead-letter-record.ts';
import { InboundQueue } from './inbound-queue.ts';
import type { Interpretation } from './interpret-record.ts';
import { RecordInterpreter } from './record-interpreter.ts';
import { SagaFolder } from './saga-folder.ts';
import type { SagaStore } from './saga-store.ts';
import type { ShardParts } from './shard-parts.ts';
import { TimeWatch } from './time-watch.ts';

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
  readonly #time: TimeWatch;
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
  ) {
    const { signal } = this.#stopped;
    const { clock, limits, inputs } = parts;
    this.#claim = claim;
    this.#parts = parts;
    this.#queue = new InboundQueue(claim, inputs, limits.bufferedRecordsMax);
    this.#interpreter = new RecordInterpreter(parts, signal);
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
      limits,
      offsets,
      onCommitted: () => {
        this.#committer.schedule();
        this.#foldAll();
      },
      onFailed: (error) => this.#fail(error),
    });
    this.#time = new TimeWatch(
      claim,
      parts,
      signal,
      () => store.nextTimerAtMs,
      (knownUntilMs) => {
        this.#queue.push({ knownUntilMs });
        this.#foldAll();
      },
    );
    // Nobody may be listening yet when it fails at once.
    this.#failure.promise.catch(() => undefined);
    this.#time.watch();
  }

  /** Rejects when the run failed, or with the signal's reason when it is aborted. */
  failed(signal: AbortSignal): Promise<never> {
    signal.addEventListener('abort', () => this.#fail(signal.reason), { once: true });
    return this.#failure.promise;
  }

  push(record: IncomingRecord): void {
    if (this.#draining || this.#stopped.signal.aborted) return;
    this.#queue.push(record);
    this.#foldAll();
  }

  /** Commits what is folded, within a limit; what waits in the queue is left to the next holder. */
  async drain(): Promise<void> {
    const { clock, limits } = this.#parts;
    this.#draining = true;
    this.#queue.clear();
    const enough = new AbortController();
    const limit = clock.sleep(limits.drainTimeoutMs, enough.signal).catch(() => undefined);
    await Promise.race([this.#committer.flush(), limit]);
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

  /** Folds what is queued, in order, at once: it waits only where a record cannot be understood yet. */
  #foldAll(): void {
    if (this.#folding) return;
    this.#folding = true;
    while (!this.#committer.isFull) {
      const item = this.#queue.shift();
      if (item === undefined) break;
      if ('knownUntilMs' in item) {
        this.#passTime(item.knownUntilMs);
        continue;
      }
      if (this.#committer.isFolded(item.topic, item.offset)) continue;
      const interpretation = this.#interpreter.interpret(item);
      if (interpretation instanceof Promise) {
        this.#foldLater(item, interpretation);
        return;
      }
      this.#fold(item, interpretation);
    }
    this.#folding = false;
    this.#committer.schedule();
    this.#time.watch();
  }

  #foldLater(record: IncomingRecord, pending: Promise<Interpretation>): void {
    this.#committer.schedule();
    pending.then(
      (interpretation) => {
        if (this.#stopped.signal.aborted || this.#draining) return;
        this.#fold(record, interpretation);
        this.#folding = false;
        this.#foldAll();
      },
      (error) => this.#fail(error),
    );
  }

  #fold(record: IncomingRecord, interpretation: Interpretation): void {
    this.#committer.folded(record.topic, record.offset);
    if (interpretation.kind === 'foreign' || this.#forward(record)) return;
    if (interpretation.kind !== 'input') {
      this.#bury(record, interpretation);
      return;
    }
    const { graph, input, headers } = interpretation;
    const payload = { type: headers.type, framed: record.value ?? new Uint8Array() };
    const trace = copyTraceHeaders(record.headers);
    const nowMs = this.#parts.clock.nowMs();
    this.#folder.fold(graph, input, { headers, payload, trace }, this.#committer.batch, nowMs);
  }

  #passTime(nowMs: number): void {
    const { batch } = this.#committer;
    batch.folded += this.#folder.passTime(batch, nowMs);
    this.#time.folded();
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
    const key = Buffer.from(rawKey).toString('utf8');
    const { batch } = this.#committer;
    batch.other({ topic: internalTopics.outcomes, partition: rightful, key, value, headers });
    return true;
  }

  #bury(
    record: IncomingRecord,
    why: Extract<Interpretation, { readonly kind: 'unreadable' | 'unknown-definition' }>,
  ): void {
    const { clock, logger, groupId } = this.#parts;
    const [code, fault] =
      why.kind === 'unreadable'
        ? (['poison-message', why.fault] as const)
        : ([
            'definition-unknown',
            `no definition ${why.saga} was published on ${internalTopics.definitions}, or it was refused`,
          ] as const);
    const { topic, partition, offset } = record;
    logger.error('a record goes to the dead letters', { topic, partition, offset, code, fault });
    const { batch } = this.#committer;
    batch.other(deadLetterRecord(groupId, record, code, fault, clock.nowMs()));
  }
}
