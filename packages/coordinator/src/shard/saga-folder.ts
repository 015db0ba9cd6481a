import type { Logger, OutgoingRecord, Serde } from '@troupe/core';
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
import { isRequest, type Request, requestRecord } from './request-record.ts';
import { newEntry, type Payload, type SagaEntry, sagaKey } from './saga-entry.ts';
import type { SagaStore } from './saga-store.ts';
import { sagaRecord } from './state-record.ts';

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

/** Why an input was not folded. It is a dead letter then, and everything else goes on. */
export interface Refusal {
  readonly code: 'definition-unknown' | 'limit-exceeded' | 'terminal';
  readonly fault: string;
}

/** All that one input brings about. It is made whole before any of it counts. */
interface Change {
  readonly progress: Progress | undefined;
  /** What was decided, and what followed when a request could not be made. */
  readonly events: readonly SagaEvent[];
  readonly requests: readonly Request[];
  readonly lifeCycle: OutgoingRecord;
  readonly stateBytesMax: number;
  readonly kept: readonly [eventId: string, payload: Payload] | undefined;
}

/** An event adds no more to the state of its saga than its own JSON and this. */
const bytesBesideEvent = 100;

/**
 * Carries out the rules: gives an input to `decide`, keeps the progress and puts what follows into a batch. It has
 * no rules of its own.
 *
 * Invariants:
 * 1. An input changes its saga and the batch, or, when anything about it fails, neither: what harms one saga harms no
 *    other, and leaves that one visibly stuck.
 * 2. No record of a saga is larger than `messageBytesMax`: the input that would make it so is refused.
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
      const change = this.#change(own, entry, events, progress, arrival, nowMs);
      // An outcome may have come first: there is no order over topics.
      if (events.some(({ type }) => type === 'saga-started')) entry.trace = arrival.trace;
      if (before === undefined) store.begin(key, entry);
      this.#apply(key, own, entry, change, batch);
      return undefined;
    } catch (error) {
      return this.#refuse(before, error, batch, nowMs);
    }
  }

  /**
   * Everything that was appended before `nowMs` was folded: time limits may pass. Looks at up to `sagasMax` sagas and
   * returns at how many; when it is as many, there may be more.
   */
  passTime(batch: CommitBatch, nowMs: number, sagasMax: number): number {
    const { store, limits, graphOf } = this.#parts;
    let passed = 0;
    for (const [key, entry] of store.takeDue(nowMs)) {
      passed += 1;
      const graph = graphOf(entry.progress.saga);
      if (graph !== undefined) {
        try {
          const input = { kind: 'time-passed' } as const;
          const { events, progress } = decide(graph, entry.progress, input, nowMs, limits);
          if (events.length === 0) store.schedule(key, entry, graph);
          else {
            const change = this.#change(graph, entry, events, progress, undefined, nowMs);
            this.#apply(key, graph, entry, change, batch);
          }
        } catch (error) {
          this.#refuse(entry, error, batch, nowMs);
        }
      }
      if (passed >= sagasMax) break;
    }
    return passed;
  }

  /** What follows from `events`. Changes nothing; throws what makes the input impossible to fold. */
  #change(
    graph: SagaGraph,
    entry: SagaEntry,
    events: readonly SagaEvent[],
    progress: Progress | undefined,
    arrival: Arrival | undefined,
    nowMs: number,
  ): Change {
    const { partition, source, messageBytesMax } = this.#parts;
    const kept = arrival && keptPayload(graph, events, arrival, messageBytesMax);
    const payloads = kept === undefined ? entry.payloads : new Map([...entry.payloads, kept]);
    const revision = entry.revision + 1;
    const after = { ...entry, progress: progress ?? entry.progress, revision, payloads };
    const requests: Request[] = [];
    try {
      const written = [...events, ...this.#request(graph, after, events, arrival, requests, nowMs)];
      const lifeCycle = lifeCycleRecord(partition, source, after, written, arrival?.headers, nowMs);
      const lifeCycleBytes = lifeCycle.value?.length ?? 0;
      const stateBytesMax = this.#stateBytes(
        after,
        lifeCycleBytes + written.length * bytesBesideEvent,
      );
      if (Math.max(lifeCycleBytes, stateBytesMax) > messageBytesMax) {
        const bytes = `its state would have ${stateBytesMax} bytes, its life-cycle record ${lifeCycleBytes}`;
        throw new Oversized(`${bytes}; the most is ${messageBytesMax} (messageBytesMax)`);
      }
      const next = progress && after.progress;
      return { progress: next, events: written, requests, lifeCycle, stateBytesMax, kept };
    } catch (error) {
      for (const { sent } of requests) sent(error);
      throw error;
    }
  }

  /** Measures only where the cheap upper bound is too high. */
  #stateBytes(after: SagaEntry, addedBytesMax: number): number {
    const boundMax = (after.stateBytesMax ?? Number.POSITIVE_INFINITY) + addedBytesMax;
    if (boundMax <= this.#parts.messageBytesMax) return boundMax;
    return sagaRecord(this.#parts.partition, after).value?.length ?? 0;
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

  /** The input of a saga that began is lost to it, so that it is stuck until somebody has looked at the dead letter. */
  #refuse(
    entry: SagaEntry | undefined,
    error: unknown,
    batch: CommitBatch,
    nowMs: number,
  ): Refusal {
    const { logger, partition, source } = this.#parts;
    const reason = error instanceof Oversized ? 'too-large' : 'internal-fault';
    const { saga, sagaId } = entry?.progress ?? {};
    logger.error('an input cannot be folded', { saga, sagaId, reason, error });
    if (entry?.progress.phase === 'running' && entry.progress.stuck?.reason !== reason) {
      const stuck: SagaEvent = { type: 'saga-stuck', reason, atMs: nowMs };
      entry.progress = evolve(entry.progress, stuck) ?? entry.progress;
      entry.revision += 1;
      batch.lifeCycle(lifeCycleRecord(partition, source, entry, [stuck], undefined, nowMs));
      this.#close(entry, [stuck], batch);
      batch.change(entry);
    }
    const fault = error instanceof Error ? error.message : String(error);
    return { code: reason === 'too-large' ? 'limit-exceeded' : 'terminal', fault };
  }

  /** Makes the requests that were decided; returns what follows when one cannot be made. */
  #request(
    graph: SagaGraph,
    entry: SagaEntry,
    events: readonly SagaEvent[],
    arrival: Arrival | undefined,
    requests: Request[],
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
        requests.push(request);
        continue;
      }
      const reason = tooLarge ? 'too-large' : 'payload-missing';
      const error = new Error(`a request cannot be made: ${reason}`);
      if ('record' in request) request.sent(error);
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

/** The records of a saga are larger than they may be. */
class Oversized extends Error {}

/**
 * The event, when a request may need it later. One that is larger than any request may be is not kept: whoever comes
 * to need it gets stuck, alone.
 */
function keptPayload(
  graph: SagaGraph,
  events: readonly SagaEvent[],
  { headers, payload }: Arrival,
  bytesMax: number,
): readonly [eventId: string, payload: Payload] | undefined {
  const needs = payloadNeeds(graph);
  const isNeeded = events.some(
    (event) =>
      (event.type === 'saga-started' && (needs.start || !event.stamped)) ||
      (event.type === 'step-succeeded' && needs.succeeded.has(event.step)) ||
      (event.type === 'step-rejected' && needs.rejected.has(event.step)),
  );
  if (!isNeeded || payload.framed.length > bytesMax) return undefined;
  // A copy: the record's bytes are a view on everything that was fetched with it.
  return [headers.id, { type: payload.type, framed: Uint8Array.from(payload.framed) }];
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
