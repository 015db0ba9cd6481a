import type { ErrorCode, HeaderValue, IncomingRecord, OutgoingRecord } from '@troupe/core';
import { deadLetterTopic, headerNames, recordBytes } from '@troupe/core/internal';

/** Longer causes are cut: a header is for people, the record itself is kept whole. */
const messageLengthMax = 1_000;

export interface DeadLetterCause {
  readonly groupId: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly nowMs: number;
}

/**
 * A record that the coordinator cannot fold, whole, with the cause in its headers. One with no room for the cause beside
 * it (`bytesMax`) is only named: a record that the broker refuses would fail the whole commit, again and again.
 */
export function deadLetterRecord(
  record: IncomingRecord,
  cause: DeadLetterCause,
  bytesMax: number,
): OutgoingRecord {
  const topic = deadLetterTopic(cause.groupId);
  const { partition, value } = record;
  const key = record.key === null ? '' : Buffer.from(record.key).toString('utf8');
  const headers = { ...record.headers, ...causeHeaders(record, cause, '') };
  const whole = { topic, partition, key, value, headers };
  if (recordBytes(whole) <= bytesMax) return whole;
  const note = ' (too large for a dead letter: read it at its offset)';
  return { ...whole, key: '', value: null, headers: causeHeaders(record, cause, note) };
}

function causeHeaders(
  { topic, partition, offset }: IncomingRecord,
  { groupId, code, message, nowMs }: DeadLetterCause,
  note: string,
): Record<string, HeaderValue> {
  return {
    [headerNames.deadLetterTopic]: topic,
    [headerNames.deadLetterPartition]: String(partition),
    [headerNames.deadLetterOffset]: String(offset),
    [headerNames.deadLetterGroup]: groupId,
    [headerNames.deadLetterCode]: code,
    [headerNames.deadLetterMessage]: message.slice(0, messageLengthMax) + note,
    // It never comes to a handler.
    [headerNames.deadLetterAttempt]: '0',
    [headerNames.deadLetterTime]: new Date(nowMs).toISOString(),
  };
}
