import { Buffer } from 'node:buffer';
import type { HeaderValue, IncomingRecord, OutgoingRecord } from '../../ports/transport.ts';
import { headerNames } from '../../wire/header-names.ts';
import { deadLetterTopic } from '../../wire/internal-topics.ts';

/** Why a record became a dead letter. */
export interface DeadLetterCause {
  readonly group: string;
  /** An `ErrorCode`, or the code that a handler's error has. */
  readonly code: string;
  /** Already cut to its limit. */
  readonly message: string;
  /** The last attempt; 0 when the record never came to a handler. */
  readonly attempt: number;
  readonly timeMs: number;
}

/** A record as a dead letter of the group: value and headers as they came, its key as text, and the cause beside them. */
export function deadLetter(record: IncomingRecord, cause: DeadLetterCause): OutgoingRecord {
  return {
    topic: deadLetterTopic(cause.group),
    key: record.key === null ? '' : Buffer.from(record.key).toString('utf8'),
    value: record.value,
    headers: { ...record.headers, ...causeHeaders(record, cause) },
  };
}

/** For a record that has no room for the cause beside it: where it is found, and why. */
export function shortDeadLetter(record: IncomingRecord, cause: DeadLetterCause): OutgoingRecord {
  const note = `${cause.message} (too large for a dead letter: read it at its offset)`;
  return {
    topic: deadLetterTopic(cause.group),
    key: '',
    value: null,
    headers: causeHeaders(record, { ...cause, message: note }),
  };
}

function causeHeaders(
  { topic, partition, offset }: IncomingRecord,
  cause: DeadLetterCause,
): Record<string, HeaderValue> {
  return {
    [headerNames.deadLetterTopic]: topic,
    [headerNames.deadLetterPartition]: String(partition),
    [headerNames.deadLetterOffset]: String(offset),
    [headerNames.deadLetterGroup]: cause.group,
    [headerNames.deadLetterCode]: cause.code,
    [headerNames.deadLetterMessage]: cause.message,
    [headerNames.deadLetterAttempt]: String(cause.attempt),
    [headerNames.deadLetterTime]: new Date(cause.timeMs).toISOString(),
  };
}
