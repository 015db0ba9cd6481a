import {
  type Event,
  eventClassOf,
  eventKeyOf,
  type OutgoingRecord,
  type Serde,
} from '@troupe/core';
import { type SagaRef, writeMessageHeaders } from '@troupe/core/internal';

export interface ForeignRecordOptions {
  readonly id: string;
  /** Undefined: without `ce_saga`, as of a producer that knows nothing of sagas. */
  readonly saga: SagaRef | undefined;
  readonly step?: string | undefined;
  readonly undoes?: string | undefined;
  /** Default: the event's own. */
  readonly topic?: string | undefined;
  /** Default: the event's own, which its correlation id is in any case. */
  readonly key?: string | undefined;
  /** Default: where the key belongs. */
  readonly partition?: number | undefined;
  /** Beside, or in place of, those that it should have. */
  readonly headers?: OutgoingRecord['headers'] | undefined;
  /** In place of the encoded event. */
  readonly value?: Uint8Array | null | undefined;
  /** When it says that it happened. */
  readonly timeMs?: number;
}

const prepareTimeoutMs = 30_000;

/** An event as somebody else publishes it: a participant without Troupe, a producer that knows nothing of sagas. */
export async function foreignRecord(
  serde: Serde,
  event: Event,
  options: ForeignRecordOptions,
): Promise<OutgoingRecord> {
  const eventClass = eventClassOf(event);
  await serde.prepare([eventClass], AbortSignal.timeout(prepareTimeoutMs));
  const ownKey = eventKeyOf(event);
  const { id, saga, step, undoes, topic = eventClass.topic, key = ownKey, partition } = options;
  const headers = writeMessageHeaders(
    {
      id,
      source: 'somebody',
      type: eventClass.eventName,
      correlationId: ownKey,
      causationId: undefined,
      saga,
      step,
      attempt: 1,
      undoes,
    },
    options.timeMs ?? Date.now(),
  );
  const value = options.value === undefined ? serde.encode(event) : options.value;
  return { topic, key, partition, value, headers: { ...headers, ...options.headers } };
}
