import { type OutgoingRecord, TransportError } from '@troupe/core';
import type { SendRound } from '../send-round.ts';
import type { PendingSend, SendRequest } from './send-queue.ts';

/** Refused for what is in it, however often it is sent. Most of it may be good. */
const contentCodes: ReadonlySet<TransportError['code']> = new Set([
  'message-too-large',
  'topic-missing',
  'not-authorized',
  'transport-failed',
]);

/**
 * What a refused request is sent as instead: two of half the size, in their order, so that no send is harmed by one that
 * travels with it. A topic may take less than the client does (`max.message.bytes`): then the records of one send are
 * parted too, for kafkajs makes one batch of what it is given for a partition. Empty where nothing can be parted.
 */
export function smallerRequests(
  { records, parts }: SendRequest,
  { code }: TransportError,
): readonly SendRequest[] {
  const [first] = parts;
  if (!contentCodes.has(code) || first === undefined) return [];
  if (parts.length > 1) {
    const middle = parts.length >>> 1;
    const before = parts.slice(0, middle);
    const count = before.reduce((sum, part) => sum + part.count, 0);
    return [
      { records: records.slice(0, count), parts: before },
      { records: records.slice(count), parts: parts.slice(middle) },
    ];
  }
  if (code !== 'message-too-large' || records.length === 1) return [];
  const middle = records.length >>> 1;
  return [records.slice(0, middle), records.slice(middle)].map((half) => ({
    records: half,
    parts: [{ send: first.send, count: half.length }],
  }));
}

/**
 * What another broker may have written, and has not acknowledged, is not sent again beside what was refused: under another
 * producer id it would be written twice, and its send would not say so.
 */
export function failInDoubt(
  { records, parts }: SendRequest,
  round: Pick<SendRound, 'isInDoubt'>,
  refusal: TransportError,
): void {
  let from = 0;
  for (const { send, count } of parts) {
    const doubtful = records.slice(from, from + count).find((record) => round.isInDoubt(record));
    from += count;
    if (doubtful === undefined) continue;
    const text = `sending failed: no broker has acknowledged what was sent to ${doubtful.topic}, and it may have been written`;
    send.fail(new TransportError('transport-unavailable', text, { cause: refusal }));
  }
}

/** Nothing of a send that has failed is sent any more. */
export function withoutFailed(request: SendRequest): SendRequest {
  return leftOf(request, (_, send) => !send.isFailed);
}

/** What is not sent again, because a broker has written it, counts as acknowledged. */
export function withoutAcknowledged(
  request: SendRequest,
  round: Pick<SendRound, 'isAcknowledged'>,
): SendRequest {
  return leftOf(request, (record, send) => {
    const isWritten = round.isAcknowledged(record);
    if (isWritten) send.acknowledge(1);
    return !isWritten;
  });
}

function leftOf(
  { records, parts }: SendRequest,
  isLeft: (record: OutgoingRecord, send: PendingSend) => boolean,
): SendRequest {
  const left: OutgoingRecord[] = [];
  const leftParts: { send: PendingSend; count: number }[] = [];
  let from = 0;
  for (const { send, count } of parts) {
    const kept = records.slice(from, from + count).filter((record) => isLeft(record, send));
    for (const record of kept) left.push(record);
    if (kept.length > 0) leftParts.push({ send, count: kept.length });
    from += count;
  }
  return { records: left, parts: leftParts };
}
