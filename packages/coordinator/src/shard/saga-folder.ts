import type { Logger, Serde } from '@troupe/core';
import {
  decide,
  definitionOf,
  evolve,
  isEnded,
  type MessageHeaders,
  type Progress,
  payloadNeeds,
  type SagaEvent,
  type SagaGraph,
  type SagaInput,
  type SagaLimits,
  type SagaRef,
  type TraceHeaders,
  type Tracing,
} from '@troupe/core/internal';
import type { CommitBatch } from './commit-batch.ts';
import { lifeCycleRecord } from './life-cycle-record.ts';
import { isRequest, requestRecord } from './request-record.ts';
import { type Payload, type SagaEntry, sagaKey } from './saga-entry.ts';
import type { SagaStore } from './saga-store.ts';

export interface FolderParts {
  readonly partition: number;
  readonly store: SagaStore;
  readonly graphOf: (saga: SagaRef) => SagaGraph | undefined;
  readonly serde: Serde;
  readonly tracing: Tracing;
  readonly logger: Logger;
  readonly limits: SagaLimits;
  readonly messageBytesMax: number;
  /** `ce_source` of what the coordinator publishes. */
  readonly source: string;
}

/** What came with an input, beside what the rules look at. */
export interface Arrival {
  readonly headers: MessageHeaders;
  readonly payload: Payload;
  readonly trace: TraceHeaders;
}

/**
 * Carries out the rules: gives an input to `decide`, keeps the progress and puts what follows into a batch. It has
 * no rules of its own.
 */
export class SagaFolder {
  readonly #parts: FolderParts;

  constructor(parts: FolderParts) {
    this.#parts = parts;
  }

  /** `graph` is the definition that the event names; a saga that runs stays on its own. */
  fold(
    graph: SagaGraph,
    input: Exclude<SagaInput, { readonly kind: 'time-passed' }>,
    arrival: Arrival,
    batch: CommitBatch,
    nowMs: number,
  ): void {
    const { store, limits, graphOf } = this.#parts;
    const key = sagaKey(graph.name, input.sagaId);
    const before = store.get(key);
    const definition = definitionOf(before?.progress, input);
    const own = definition === input.saga ? graph : graphOf(definition);
    if (own === undefined) {
      this.#withoutDefinition(before);
      return;
    }
    const { events, progress } = decide(own, before?.progress, input, nowMs, limits);
    if (events.length === 0) return;
    const entry = before ?? (progress && store.begin(graph.name, progress, arrival.trace));
    if (entry === undefined) return;
    // An outcome may have come first: there is no order over topics.
    if (events.some(({ type }) => type === 'saga-started')) entry.trace = arrival.trace;
    this.#keepPayload(own, entry, events, arrival, batch);
    this.#apply(key, own, entry, events, progress, arrival, batch, nowMs);
  }

  /**
   * Everything that was appended before `nowMs` was folded: time limits may pass. Returns how many sagas were
   * looked at.
   */
  passTime(batch: CommitBatch, nowMs: number): number {
    const { store, limits, graphOf } = this.#parts;
    let passed = 0;
    for (const [key, entry] of store.takeDue(nowMs)) {
      passed += 1;
      const graph = graphOf(entry.progress.saga);
      if (graph === undefined) {
        this.#withoutDefinition(entry);
        continue;
      }
      const input = { kind: 'time-passed' } as const;
      const { events, progress } = decide(graph, entry.progress, input, nowMs, limits);
      if (events.length === 0) store.schedule(key, entry, graph);
      else this.#apply(key, graph, entry, events, progress, undefined, batch, nowMs);
    }
    return passed;
  }

  #withoutDefinition(entry: SagaEntry | undefined): void {
    this.#parts.logger.error('the definition of a running saga is missing: it cannot go on', {
      saga: entry?.progress.saga,
      sagaId: entry?.sagaId,
    });
  }

  #apply(
    key: string,
    graph: SagaGraph,
    entry: SagaEntry,
    events: readonly SagaEvent[],
    progress: Progress | undefined,
    arrival: Arrival | undefined,
    batch: CommitBatch,
    nowMs: number,
  ): void {
    const { store, partition, source } = this.#parts;
    entry.progress = progress ?? entry.progress;
    entry.revision += 1;
    const written = [...events, ...this.#request(graph, entry, events, arrival, batch, nowMs)];
    batch.lifeCycle(lifeCycleRecord(partition, source, entry, written, arrival?.headers, nowMs));
    if (progress === undefined) {
      this.#dropPayloads(entry, batch);
      store.forget(key);
      batch.forget(entry);
      return;
    }
    this.#close(entry, written, batch);
    store.schedule(key, entry, graph);
    batch.change(entry);
  }

  /** Puts the requests that were decided into the batch; returns what follows when one cannot be made. */
  #request(
    graph: SagaGraph,
    entry: SagaEntry,
    events: readonly SagaEvent[],
    arrival: Arrival | undefined,
    batch: CommitBatch,
    nowMs: number,
  ): SagaEvent[] {
    const { partition, serde, tracing, source, messageBytesMax, logger } = this.#parts;
    const failed: SagaEvent[] = [];
    for (const event of events) {
      if (!isRequest(event)) continue;
      const request = requestRecord({
        partition,
        graph,
        entry,
        decision: event,
        causationId: arrival?.headers.id,
        parent: arrival?.trace ?? entry.trace,
        source,
        nowMs,
        serde,
        tracing,
      });
      const tooLarge = 'record' in request && (request.record.value?.length ?? 0) > messageBytesMax;
      if ('record' in request && !tooLarge) {
        batch.request(request);
        continue;
      }
      const reason = tooLarge ? 'too-large' : 'payload-missing';
      logger.error('a request cannot be made: the saga is stuck', {
        saga: entry.progress.saga,
        sagaId: entry.sagaId,
        step: event.step,
        reason,
      });
      const stuck: SagaEvent = { type: 'saga-stuck', reason, step: event.step, atMs: nowMs };
      entry.progress = evolve(entry.progress, stuck) ?? entry.progress;
      failed.push(stuck);
    }
    return failed;
  }

  #keepPayload(
    graph: SagaGraph,
    entry: SagaEntry,
    events: readonly SagaEvent[],
    { headers, payload }: Arrival,
    batch: CommitBatch,
  ): void {
    const needs = payloadNeeds(graph);
    for (const event of events) {
      const needed =
        (event.type === 'saga-started' && (needs.start || !event.stamped)) ||
        (event.type === 'step-succeeded' && needs.succeeded.has(event.step)) ||
        (event.type === 'step-rejected' && needs.rejected.has(event.step));
      if (!needed) continue;
      // A copy: the record's bytes are a view on everything that was fetched with it.
      const kept = { type: payload.type, framed: Uint8Array.from(payload.framed) };
      entry.payloads.set(headers.id, kept);
      batch.keepPayload(entry, headers.id, kept);
    }
  }

  /** The span of a saga that ended or got stuck; what was kept for one that ended goes. */
  #close(entry: SagaEntry, events: readonly SagaEvent[], batch: CommitBatch): void {
    const { progress, trace } = entry;
    for (const { type, atMs } of events) {
      const outcome = outcomeByEvent[type];
      if (outcome === undefined) continue;
      const span = {
        saga: progress.saga,
        correlationId: progress.sagaId,
        startMs: progress.startedAtMs ?? progress.sinceMs,
        endMs: atMs,
        outcome,
        ...whyOf(progress, outcome),
        parent: trace,
      };
      batch.whenCommitted(() => this.#parts.tracing.saga(span));
    }
    if (isEnded(progress) && !hasDoubt(progress)) this.#dropPayloads(entry, batch);
  }

  #dropPayloads(entry: SagaEntry, batch: CommitBatch): void {
    for (const eventId of entry.payloads.keys()) batch.dropPayload(entry, eventId);
    entry.payloads.clear();
  }
}

const outcomeByEvent: Partial<Record<SagaEvent['type'], 'completed' | 'compensated' | 'stuck'>> = {
  'saga-completed': 'completed',
  'saga-compensated': 'compensated',
  'saga-stuck': 'stuck',
};

function whyOf(
  { doom, stuck }: Progress,
  outcome: 'completed' | 'compensated' | 'stuck',
): { readonly cause?: string | undefined; readonly step?: string | undefined } {
  if (outcome === 'completed') return {};
  return outcome === 'stuck'
    ? { cause: stuck?.reason, step: stuck?.step }
    : { cause: doom?.cause, step: doom?.step };
}

/** A step in doubt may yet succeed: an operator then needs the events to undo it. */
function hasDoubt(progress: Progress): boolean {
  return Object.values(progress.steps).some(
    ({ timedOutAtMs, failure }) => timedOutAtMs !== undefined || failure?.inDoubt === true,
  );
}
