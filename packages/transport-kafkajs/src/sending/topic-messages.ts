import type { Headers, HeaderValue, OutgoingRecord } from '@troupe/core';
import { partitionOf } from '@troupe/core/internal';
import type { ICustomPartitioner, Message, TopicMessages } from 'kafkajs';

/** Every message has its partition already. */
export const namedPartition: ICustomPartitioner =
  () =>
  ({ message }) =>
    message.partition ?? 0;

/**
 * Records as kafkajs takes them: by topic, each topic's in their order, each with its partition.
 *
 * kafkajs groups the messages of a topic by partition with `messages.reduce`, and copies the whole group for each of
 * them: a thousand in a partition are copied half a million times. They are grouped here, and `reduce` gives what it
 * would have given.
 */
export function topicMessages(
  records: readonly OutgoingRecord[],
  partitionCount: (topic: string) => number,
): TopicMessages[] {
  const byTopic = new Map<string, GroupedMessages>();
  for (const { topic, key, value, headers, partition } of records) {
    let grouped = byTopic.get(topic);
    if (grouped === undefined) {
      grouped = { messages: [], byPartition: {} };
      byTopic.set(topic, grouped);
    }
    add(grouped, {
      key,
      value: value === null ? null : asBuffer(value),
      headers: withBuffers(headers),
      partition: partition ?? partitionOf(key, partitionCount(topic)),
    });
  }
  return [...byTopic].map(([topic, { messages, byPartition }]) => {
    Object.defineProperty(messages, 'reduce', { value: () => byPartition });
    return { topic, messages };
  });
}

interface GroupedMessages {
  readonly messages: Message[];
  readonly byPartition: Record<number, Message[]>;
}

function add(
  { messages, byPartition }: GroupedMessages,
  message: Message & { readonly partition: number },
): void {
  messages.push(message);
  const before = byPartition[message.partition];
  if (before === undefined) byPartition[message.partition] = [message];
  else before.push(message);
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
