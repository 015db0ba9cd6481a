import { eventKeyBytesMax } from '../events/event-key.ts';

/**
 * Every header that Troupe writes or reads, in the CloudEvents 1.0 Kafka binding (binary content mode), W3C Trace
 * Context, and what a dead letter carries beside them.
 */
export const headerNames = {
  specVersion: 'ce_specversion',
  id: 'ce_id',
  source: 'ce_source',
  type: 'ce_type',
  time: 'ce_time',
  contentType: 'content-type',
  correlationId: 'ce_correlationid',
  causationId: 'ce_causationid',
  saga: 'ce_saga',
  step: 'ce_step',
  attempt: 'ce_attempt',
  undoes: 'ce_undoes',
  traceParent: 'traceparent',
  traceState: 'tracestate',
  baggage: 'baggage',
  deadLetterTopic: 'troupe_dead_letter_topic',
  deadLetterPartition: 'troupe_dead_letter_partition',
  deadLetterOffset: 'troupe_dead_letter_offset',
  deadLetterGroup: 'troupe_dead_letter_group',
  deadLetterCode: 'troupe_dead_letter_code',
  deadLetterMessage: 'troupe_dead_letter_message',
  deadLetterAttempt: 'troupe_dead_letter_attempt',
  deadLetterTime: 'troupe_dead_letter_time',
} as const;

export const specVersion = '1.0';
/** The media type of Confluent-framed Avro, and of the JSON records of `troupe.sagas` and `troupe.definitions`. */
export const contentTypes = { avro: 'application/avro', json: 'application/json' } as const;

/** UTF-8 bytes. What is longer is malformed: no field's peer needs more, and a header is held in memory. */
export const headerLimits = {
  idBytesMax: 256,
  correlationIdBytesMax: eventKeyBytesMax,
  nameBytesMax: 256,
  traceBytesMax: 8_192,
} as const;
