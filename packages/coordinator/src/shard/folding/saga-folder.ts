import {
  type ArrivedInput,
  decide,
  definitionOf,
  isEnded,
  mayStillSucceed,
  type SagaEvent,
  type SagaGraph,
  type SagaInput,
  type SagaRef,
} from '@troupe/core/internal';
import type { CommitBatch } from '../committing/commit-batch.ts';
import { newEntry, type SagaEntry, sagaKey } from '../state/saga-entry.ts';
import type { SagaStore } from '../state/saga-store.ts';
import { lifeCycleRecord } from './life-cycle-record.ts';
import {
  type Arrival,
  type Change,
  ChangeMaker,
  type ChangeParts,
  Oversized,
} from './saga-change.ts';
import { sagaNews } from './saga-news.ts';
import { sagaSpans } from './saga-spans.ts';

export interface FolderParts extends ChangeParts {
  readonly store: SagaStore;
  readonly graphOf: (saga: SagaRef) => SagaGraph | undefined;
  /** Undefined also where not all of its topics are read: its sagas hear of time when they are. */
  readonly wholeGraphOf: (saga: SagaRef) => SagaGraph | undefined;
}

/** Why an input was not folded. It is a dead letter then, and everything else goes on. */
export interface Refusal {
  readonly code: 'definition-unknown' | 'limit-exceeded' | 'terminal';
  readonly fault: string;
}

/**
 * Carries out the rules: gives an input to `decide`, keeps the progress and puts what follows into a batch. What it cannot
 * carry out it gives to `decide` as well: what becomes of a saga is said there alone.
 *
 * Invariants:
 * 1. An input changes its saga and the batch, or, when anything about it fails, neither: what harms one saga harms no
 *    other, and leaves that one visibly stuck.
 * 2. No record of a saga is larger than `messageBytesMax`: the input that would make it so is refused.
 * 3. A time limit that passed is heard of until what follows from it is carried out: time is no input that can be lost.
 */
export class SagaFolder {
  readonly #parts: FolderParts;
  readonly #changes: ChangeMaker;

  constructor(parts: FolderParts) {
    this.#parts = parts;
    this.#changes = new ChangeMaker(parts);
  }

  /** `graph` is the definition that the event names; a saga that runs stays on its own. */
  fold(
    graph: SagaGraph,
    input: ArrivedInput,
    arrival: Arrival,
    batch: CommitBatch,
    nowMs: number,
  ): Refusal | undefined {
    const { store, limits, graphOf } = this.#parts;
    const key = sagaKey(graph.name, input.sagaId);
    const before = store.get(key);
    const definition = definitionOf(before?.progress, input);
    const own = definition === input.saga ? graph : graphOf(definition);
    if (own === undefined) {
      const fault = `its saga runs by ${definition}, which was not published, or is refused`;
      return { code: 'definition-unknown', fault };
    }
    try {
      const { events, progress } = decide(own, before?.progress, input, nowMs, limits);
      if (events.length === 0) return undefined;
      const entry = before ?? (progress && newEntry(graph.name, progress, arrival.trace));
      if (entry === undefined) return undefined;
      const change = this.#changes.make({ graph: own, entry, events, progress, arrival, nowMs });
      // An outcome may have come first: there is no order over topics.
      if (events.some(({ type }) => type === 'saga-started')) entry.trace = arrival.trace;
      if (before === undefined) store.begin(key, entry);
      this.#apply(key, own, entry, change, batch);
      return undefined;
    } catch (error) {
      return this.#refuse(own, before, error, batch, nowMs);
    }
  }

  /**
   * Everything that was appended before `untilMs` was folded: time limits up to then may pass. What follows is dated
   * `nowMs`, so that whoever is asked for something has all of his time. Ends when the batch is full: then there may be
   * more.
   */
  passTime(batch: CommitBatch, untilMs: number, nowMs: number, isFull: () => boolean): void {
    const { store, limits, wholeGraphOf } = this.#parts;
    for (const [key, entry] of store.takeDue(untilMs)) {
      batch.count();
      const graph = wholeGraphOf(entry.progress.saga);
      if (graph !== undefined) {
        try {
          const input = { kind: 'time-passed', untilMs } as const;
          const { events, progress } = decide(graph, entry.progress, input, nowMs, limits);
          if (events.length === 0) store.schedule(key, entry, graph);
          else {
            const arrival = undefined;
            const change = this.#changes.make({ graph, entry, events, progress, arrival, nowMs });
            this.#apply(key, graph, entry, change, batch);
          }
        } catch (error) {
          this.#putOff(key, entry, graph, error, batch, nowMs);
        }
      }
      if (isFull()) return;
    }
  }

  #apply(
    key: string,
    graph: SagaGraph,
    entry: SagaEntry,
    { progress, events, requests, lifeCycle, stateBytesMax, kept }: Change,
    batch: CommitBatch,
  ): void {
    const { store } = this.#parts;
    entry.revision += 1;
    entry.stateBytesMax = stateBytesMax;
    if (kept !== undefined) {
      entry.payloads.set(...kept);
      batch.keepPayload(entry, ...kept);
    }
    for (const request of requests) batch.request(request);
    batch.lifeCycle(lifeCycle);
    this.#tell(entry, events, batch);
    if (progress === undefined) {
      this.#dropPayloads(entry, batch);
      store.forget(key);
      batch.forget(entry);
      return;
    }
    entry.progress = progress;
    this.#close(entry, events, batch);
    store.schedule(key, entry, graph);
    batch.change(entry);
  }

  /** The input is lost to its saga. */
  #refuse(
    graph: SagaGraph,
    entry: SagaEntry | undefined,
    error: unknown,
    batch: CommitBatch,
    nowMs: number,
  ): Refusal {
    const reason = error instanceof Oversized ? 'too-large' : 'internal-fault';
    const { saga, sagaId } = entry?.progress ?? {};
    this.#parts.logger.error('an input cannot be folded', { saga, sagaId, reason, error });
    if (entry !== undefined) {
      this.#trouble(graph, entry, { kind: 'input-lost', reason }, batch, nowMs);
    }
    const fault = error instanceof Error ? error.message : String(error);
    return { code: reason === 'too-large' ? 'limit-exceeded' : 'terminal', fault };
  }

  /** Invariant 3. Not at once: what failed may fail again. */
  #putOff(
    key: string,
    entry: SagaEntry,
    graph: SagaGraph,
    error: unknown,
    batch: CommitBatch,
    nowMs: number,
  ): void {
    const { limits, logger, store } = this.#parts;
    const { saga, sagaId } = entry.progress;
    const againAtMs = nowMs + limits.retryDelayMsMax;
    const about = { saga, sagaId, againAtMs, error };
    logger.error('a time limit passed, and what follows cannot be carried out yet', about);
    this.#trouble(graph, entry, { kind: 'time-fault' }, batch, nowMs);
    store.putOff(key, entry, againAtMs);
  }

  /** What follows asks for nothing, and is small: there is room for it in a saga that has none for its input. */
  #trouble(
    graph: SagaGraph,
    entry: SagaEntry,
    input: Extract<SagaInput, { readonly kind: 'input-lost' | 'time-fault' }>,
    batch: CommitBatch,
    nowMs: number,
  ): void {
    const { limits, partition, source, store } = this.#parts;
    const { events, progress } = decide(graph, entry.progress, input, nowMs, limits);
    if (events.length === 0 || progress === undefined) return;
    entry.progress = progress;
    entry.revision += 1;
    entry.stateBytesMax = undefined;
    const about = { partition, source, entry, events, cause: undefined, nowMs };
    batch.lifeCycle(lifeCycleRecord(about));
    this.#tell(entry, events, batch);
    this.#close(entry, events, batch);
    store.noteStuck(sagaKey(entry.name, entry.sagaId), entry);
    batch.change(entry);
  }

  #tell(entry: SagaEntry, events: readonly SagaEvent[], batch: CommitBatch): void {
    for (const { level, message, fields } of sagaNews(entry.progress, events)) {
      batch.whenCommitted(() => this.#parts.logger[level](message, fields));
    }
  }

  /** The span of a saga that ended or got stuck; what was kept for one that ended goes. */
  #close(entry: SagaEntry, events: readonly SagaEvent[], batch: CommitBatch): void {
    const { progress, trace } = entry;
    for (const span of sagaSpans(progress, trace, events)) {
      batch.whenCommitted(() => this.#parts.tracing.saga(span));
    }
    if (isEnded(progress) && !mayStillSucceed(progress)) this.#dropPayloads(entry, batch);
  }

  #dropPayloads(entry: SagaEntry, batch: CommitBatch): void {
    for (const name of entry.payloads.keys()) batch.dropPayload(entry, name);
    entry.payloads.clear();
  }
}
