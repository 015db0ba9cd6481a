import type { Logger, OutgoingRecord, Serde } from '@troupe/core';
import {
  decide,
  keepsPayload,
  type MessageHeaders,
  type Progress,
  type SagaEvent,
  type SagaGraph,
  type SagaLimits,
  type TraceHeaders,
  type Tracing,
} from '@troupe/core/internal';
import type { Request } from '../committing/commit-batch.ts';
import { payloadName } from '../state/kept-payloads.ts';
import type { Payload, SagaEntry } from '../state/saga-entry.ts';
import { sagaRecord } from '../state/state-record.ts';
import { lifeCycleRecord } from './life-cycle-record.ts';
import { isRequest, requestRecord } from './request-record.ts';

/** What came with an input, beside what the rules look at. */
export interface Arrival {
  readonly headers: MessageHeaders;
  readonly payload: Payload;
  readonly trace: TraceHeaders;
}

/** What the rules said, to be carried out. */
export interface DecidedChange {
  readonly graph: SagaGraph;
  /** As it is before. */
  readonly entry: SagaEntry;
  readonly events: readonly SagaEvent[];
  readonly progress: Progress | undefined;
  /** Undefined: time passed. */
  readonly arrival: Arrival | undefined;
  readonly nowMs: number;
}

/** All that one input brings about. It is made whole before any of it counts. */
export interface Change {
  readonly progress: Progress | undefined;
  /** What was decided, and what followed when a request could not be made. */
  readonly events: readonly SagaEvent[];
  readonly requests: readonly Request[];
  readonly lifeCycle: OutgoingRecord;
  readonly stateBytesMax: number;
  readonly kept: readonly [name: string, payload: Payload] | undefined;
}

/** An event adds no more to the state of its saga than its own JSON and this. */
const bytesBesideEvent = 100;

export interface ChangeParts {
  readonly partition: number;
  readonly serde: Serde;
  readonly tracing: Tracing;
  readonly logger: Logger;
  readonly messageBytesMax: number;
  readonly limits: SagaLimits;
  /** `ce_source` of what the coordinator publishes. */
  readonly source: string;
}

/** Makes the records of what was decided, before any of it counts: none is larger than `messageBytesMax`. */
export class ChangeMaker {
  readonly #parts: ChangeParts;

  constructor(parts: ChangeParts) {
    this.#parts = parts;
  }

  /** What follows from `events`. Changes nothing; throws what makes the input impossible to fold. */
  make(decided: DecidedChange): Change {
    const { entry, events, progress, arrival, nowMs } = decided;
    const { partition, source, messageBytesMax } = this.#parts;
    const kept = arrival && keptPayload(decided, arrival, messageBytesMax);
    const payloads = kept === undefined ? entry.payloads : new Map([...entry.payloads, kept]);
    const revision = entry.revision + 1;
    const after = { ...entry, progress: progress ?? entry.progress, revision, payloads };
    const requests: Request[] = [];
    try {
      const written = [...events, ...this.#request({ ...decided, entry: after }, requests)];
      const cause = arrival?.headers;
      const about = { partition, source, entry: after, events: written, cause, nowMs };
      const lifeCycle = lifeCycleRecord(about);
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

  /** Makes the requests that were decided; returns what follows when one cannot be made. */
  #request(
    { graph, entry, events, arrival, nowMs }: DecidedChange,
    requests: Request[],
  ): SagaEvent[] {
    const { partition, serde, tracing, source, messageBytesMax, logger, limits } = this.#parts;
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
      const input = { kind: 'request-impossible', step: event.step, reason } as const;
      const decided = decide(graph, entry.progress, input, nowMs, limits);
      entry.progress = decided.progress ?? entry.progress;
      failed.push(...decided.events);
    }
    return failed;
  }
}

/** The records of a saga are larger than they may be. */
export class Oversized extends Error {}

/**
 * The event, when a request may need it later. One that is larger than any request may be is not kept: whoever comes
 * to need it gets stuck, alone.
 */
function keptPayload(
  { graph, entry, events }: DecidedChange,
  { headers, payload }: Arrival,
  bytesMax: number,
): readonly [name: string, payload: Payload] | undefined {
  const isKept = events.some((event) => keepsPayload(graph, event));
  if (!isKept || payload.framed.length > bytesMax) return undefined;
  // A copy: the record's bytes are a view on everything that was fetched with it.
  const name = payloadName(entry.payloads, payload, headers.id);
  return [name, { type: payload.type, framed: Uint8Array.from(payload.framed) }];
}
