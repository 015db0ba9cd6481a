import type { IncomingRecord } from '@troupe/core';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { type BatchContext, logAppendTime } from '../../record-codec/decode-record.ts';

const noHeaders: IncomingRecord['headers'] = {};
const nothing = Buffer.alloc(0);

export function incomingRecord(
  topic: string,
  partition: number,
  message: KafkaMessage,
): IncomingRecord {
  const { offset, key, value, headers, timestamp } = message;
  const record: IncomingRecord = {
    topic,
    partition,
    offset: BigInt(offset),
    key,
    value,
    headers: headers === undefined ? noHeaders : headersOf(headers),
    timestampMs: Number(timestamp),
  };
  return isByProducersClock(message) ? { ...record, byProducersClock: true } : record;
}

function isByProducersClock(
  message: KafkaMessage & { readonly batchContext?: BatchContext },
): boolean {
  return message.batchContext?.timestampType !== logAppendTime;
}

/** The decoder has made an object for each record: it is copied only where a foreign client wrote something unusual. */
function headersOf(headers: IHeaders): IncomingRecord['headers'] {
  if (areUsual(headers)) return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      return [name, typeof last === 'string' ? Buffer.from(last) : (last ?? nothing)];
    }),
  );
}

function areUsual(headers: IHeaders): headers is Record<string, Buffer> {
  for (const name in headers) if (!Buffer.isBuffer(headers[name])) return false;
  return true;
}
