import type { Headers, HeaderValue, OutgoingRecord } from '@troupe/core';
import { partitionOf } from '@troupe/core/internal';
import type { ICustomPartitioner, Message, TopicMessages } from 'kafkajs';

/** Every message has its partition already. */
export const namedPartition: ICustomPartitioner =
  () =>
  ({ message }) =>
    message.partition ?? 0;

/** Records as kafkajs takes them: by topic, each topic's in their order, each with its partition. */
export function topicMessages(
  records: readonly OutgoingRecord[],
  partitionCount: (topic: string) => number,
): TopicMessages[] {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, key, value, headers, partition } of records) {
    let messages = byTopic.get(topic);
    if (messages === undefined) {
      messages = [];
      byTopic.set(topic, messages);
    }
    messages.push({
      key,
      value: value === null ? null : asBuffer(value),
      headers: withBuffers(headers),
      partition: partition ?? partitionOf(key, partitionCount(topic)),
    });
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Nearly always the same object: headers are text, or were read as buffers. */
function withBuffers(headers: Headers): Record<string, string | Buffer> {
  if (hasBuffersOnly(headers)) return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : asBuffer(value),
    ]),
  );
}

function hasBuffersOnly(
  headers: Readonly<Record<string, HeaderValue>>,
): headers is Record<string, string | Buffer> {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== 'string' && !Buffer.isBuffer(value)) return false;
  }
  return true;
}
