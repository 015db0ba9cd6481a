import { Buffer } from 'node:buffer';
import { crc32c } from './crc32c.ts';
import { WireWriter } from './wire-writer.ts';

/** What the client hands to its encoder of produce requests. */
export interface ProduceRequest {
  readonly transactionalId?: string | null | undefined;
  readonly acks: number;
  readonly timeout: number;
  /** 0 is none. */
  readonly compression?: number | undefined;
  readonly producerId?: IntegerLike | undefined;
  readonly producerEpoch?: number | undefined;
  readonly topicData: readonly TopicData[];
}

/** A number, digits, or the client's own Long. */
type IntegerLike = number | bigint | string | { toString(): string };

interface TopicData {
  readonly topic: string;
  readonly partitions: readonly PartitionData[];
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence?: number | undefined;
  readonly messages: readonly ProducedMessage[];
}

interface ProducedMessage {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly timestamp?: unknown;
}

/** What the client takes for bytes that it encoded itself. */
export interface EncodedRequest {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  size(): number;
}

const magic = 2;
const transactionalAttribute = 16;
const noHeaders: Readonly<Record<string, unknown>> = {};
const writer = new WireWriter();
/** Of the records' lengths: nearly all have as many as the one before, so that nothing has to be moved. */
let lengthBytes = 2;

/**
 * True for all that Troupe sends. Compression, times that the sender sets, headers that are repeated or null, and keys
 * that are neither bytes nor text are left to the client's own encoder.
 */
export function isUsualRequest({ compression = 0, topicData }: ProduceRequest): boolean {
  if (compression !== 0) return false;
  for (const { partitions } of topicData) {
    for (const { messages } of partitions) {
      for (const message of messages) if (!isUsualMessage(message)) return false;
    }
  }
  return true;
}

/**
 * Encodes a produce request of version 3 with record batches of version 2, in one buffer and one pass. The same bytes as
 * the client's own encoder, which makes buffers of 512 zeroed bytes for each record and each of its headers, one for
 * each varint, and copies the whole seven times.
 */
export function encodeProduceRequest(request: ProduceRequest, nowMs: number): EncodedRequest {
  const { transactionalId = null, acks, timeout, topicData } = request;
  writer.begin();
  writer.string(transactionalId);
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    writer.string(topic);
    writer.int32(partitions.length);
    for (const data of partitions) writePartition(request, data, BigInt(nowMs));
  }
  const buffer = writer.end();
  return { buf: buffer, buffer, size: () => buffer.length };
}

function writePartition(request: ProduceRequest, data: PartitionData, nowMs: bigint): void {
  writer.int32(data.partition);
  const sizeAt = writer.at;
  writer.int32(0);
  const batchAt = writer.at;
  writeBatch(request, data, nowMs);
  writer.int32At(sizeAt, writer.at - batchAt);
}

function writeBatch(request: ProduceRequest, data: PartitionData, nowMs: bigint): void {
  const { transactionalId, producerId = -1, producerEpoch = 0 } = request;
  const { messages, firstSequence = 0 } = data;
  writer.int64(0n); // the first offset, which the broker sets
  const lengthAt = writer.at;
  writer.int32(0);
  writer.int32(0); // the leader's epoch
  writer.int8(magic);
  const crcAt = writer.at;
  writer.int32(0);
  const checkedAt = writer.at;
  writer.int16(transactionalId ? transactionalAttribute : 0);
  writer.int32(messages.length - 1);
  writer.int64(nowMs);
  writer.int64(nowMs);
  writer.int64(BigInt(String(producerId)));
  writer.int16(producerEpoch);
  writer.int32(firstSequence);
  writer.int32(messages.length);
  messages.forEach((message, offsetDelta) => {
    lengthBytes = writer.withLength(lengthBytes, () => writeRecord(message, offsetDelta));
  });
  writer.int32At(lengthAt, writer.at - lengthAt - 4);
  writer.int32At(crcAt, crc32c(writer.bytes, checkedAt, writer.at));
}

function writeRecord({ key, value, headers }: ProducedMessage, offsetDelta: number): void {
  writer.int8(0); // no attributes
  writer.varint(0); // at the time of the batch
  writer.varint(offsetDelta);
  writer.varintBytes(content(key));
  writer.varintBytes(content(value));
  const names = Object.keys(headers ?? noHeaders);
  writer.varint(names.length);
  for (const name of names) {
    writer.name(name);
    writer.varintBytes(content(headers?.[name]));
  }
}

/** `isUsualRequest` has looked: what is neither is not there. */
function content(given: unknown): string | Uint8Array | null {
  return typeof given === 'string' || Buffer.isBuffer(given) ? given : null;
}

function isUsualMessage({ key, value, headers, timestamp }: ProducedMessage): boolean {
  if (timestamp !== undefined && timestamp !== null) return false;
  if (!isContent(key ?? '') || !isContent(value ?? '')) return false;
  if (headers === undefined) return true;
  for (const name of Object.keys(headers)) if (!isContent(headers[name])) return false;
  return true;
}

function isContent(value: unknown): boolean {
  return typeof value === 'string' || Buffer.isBuffer(value);
}
