import type { ErrorCode, IncomingRecord, OutgoingRecord } from '@troupe/core';
import { deadLetterTopic, headerNames } from '@troupe/core/internal';

/** Longer causes are cut: a header is for people, the record itself is kept whole. */
const messageLengthMax = 1_000;

/** A record that the coordinator cannot understand, whole, with the cause in its headers. */
export function deadLetterRecord(
  groupId: string,
  record: IncomingRecord,
  code: ErrorCode,
  message: string,
  nowMs: number,
): OutgoingRecord {
  return {
    topic: deadLetterTopic(groupId),
    partition: record.partition,
    key: record.key === null ? '' : Buffer.from(record.key).toString('utf8'),
    value: record.value,
    headers: {
      ...record.headers,
      [headerNames.deadLetterTopic]: record.topic,
      [headerNames.deadLetterPartition]: String(record.partition),
      [headerNames.deadLetterOffset]: String(record.offset),
      [headerNames.deadLetterGroup]: groupId,
      [headerNames.deadLetterCode]: code,
      [headerNames.deadLetterMessage]: message.slice(0, messageLengthMax),
      [headerNames.deadLetterAttempt]: '1',
      [headerNames.deadLetterTime]: new Date(nowMs).toISOString(),
    },
  };
}
