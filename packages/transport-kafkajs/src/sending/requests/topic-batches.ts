import type { Headers, HeaderValue, OutgoingRecord } from '@troupe/core';
import { partitionOf } from '@troupe/core/internal';
import type { ICustomPartitioner, Message, TopicMessages } from 'kafkajs';

/** Every message has its partition already. */
export const namedPartition: ICustomPartitioner =
  () =>
  ({ message }) =>
    message.partition ?? 0;

interface BatchMessage extends Message {
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Record<string, string | Buffer>;
  readonly partition: number;
}

/** What goes to one partition, in its order: kafkajs makes one record batch of it. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: BatchMessage[];
}

export interface TopicBatches {
  readonly topic: string;
  /** Of all partitions, in their order. */
  readonly messages: BatchMessage[];
  readonly batches: readonly Batch[];
}

export type PartitionCount = (topic: string) => number;

/** Records as messages of kafkajs: by topic, and there by partition. */
export function topicBatches(
  records: readonly OutgoingRecord[],
  partitionCount: PartitionCount,
): TopicBatches[] {
  const topics = new Map<string, { messages: BatchMessage[]; batches: Map<number, Batch> }>();
  for (const record of records) {
    const { topic, key, value, headers } = record;
    let its = topics.get(topic);
    if (its === undefined) {
      its = { messages: [], batches: new Map() };
      topics.set(topic, its);
    }
    const partition = partitionFor(record, partitionCount);
    const message: BatchMessage = {
      key,
      value: value === null ? null : asBuffer(value),
      headers: withBuffers(headers),
      partition,
    };
    its.messages.push(message);
    const batch = its.batches.get(partition);
    if (batch === undefined) its.batches.set(partition, { topic, partition, messages: [message] });
    else batch.messages.push(message);
  }
  return [...topics].map(([topic, { messages, batches }]) => {
    return { topic, messages, batches: [...batches.values()] };
  });
}

export function partitionFor(
  { topic, key, partition }: OutgoingRecord,
  partitionCount: PartitionCount,
): number {
  return partition ?? partitionOf(key, partitionCount(topic));
}

/**
 * As kafkajs takes them. It groups the messages of a topic by partition with `messages.reduce`, and copies the whole
 * group for each of them: a thousand in a partition are copied half a million times. They are grouped already, and
 * `reduce` gives what it would have given; at each attempt the same arrays.
 */
export function asTopicMessages({ topic, messages, batches }: TopicBatches): TopicMessages {
  const byPartition = Object.fromEntries(batches.map((batch) => [batch.partition, batch.messages]));
  Object.defineProperty(messages, 'reduce', { value: () => byPartition });
  return { topic, messages };
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
