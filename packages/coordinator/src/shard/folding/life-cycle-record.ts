import type { OutgoingRecord } from '@troupe/core';
import {
  contentTypes,
  internalTopics,
  type MessageHeaders,
  requestId,
  type SagaEvent,
  writeMessageHeaders,
} from '@troupe/core/internal';
import type { SagaEntry } from '../state/saga-entry.ts';

/** The type of the records of `troupe.sagas`. */
const sagaProgressed = 'troupe.SagaProgressed';

export interface LifeCycleParts {
  readonly partition: number;
  /** `ce_source`: the coordinator's group. */
  readonly source: string;
  /** As it is after the events. */
  readonly entry: SagaEntry;
  readonly events: readonly SagaEvent[];
  /** The event that brought them about; undefined when it was time alone. */
  readonly cause: MessageHeaders | undefined;
  readonly nowMs: number;
}

/**
 * What became of a saga by one input, as one record of `troupe.sagas`: a JSON array of saga events, in order. Its
 * `ce_id` is a function of the saga, its beginning and its revision, so that a reader can drop a second one.
 */
export function lifeCycleRecord(parts: LifeCycleParts): OutgoingRecord {
  const { partition, source, events, cause, nowMs } = parts;
  const { key, sagaId, progress, revision } = parts.entry;
  // A saga that was forgotten may begin anew, even by the same event: its records are others.
  const sinceMs = progress.startedAtMs ?? progress.sinceMs;
  const since = `${progress.startEventId ?? ''}/${sinceMs}/${key}`;
  const headers = writeMessageHeaders(
    {
      id: requestId(since, sagaProgressed, revision),
      source,
      type: sagaProgressed,
      correlationId: sagaId,
      causationId: cause?.id,
      saga: progress.saga,
      step: undefined,
      attempt: 1,
      undoes: undefined,
    },
    nowMs,
    contentTypes.json,
  );
  return {
    topic: internalTopics.sagas,
    partition,
    key: sagaId,
    value: Buffer.from(JSON.stringify(events)),
    headers,
  };
}
