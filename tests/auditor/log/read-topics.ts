import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, type Consumer, Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import type { RawRecord } from './raw-record.ts';

const readsWithinMs = 180_000;
const pollMs = 50;

/**
 * Every committed record of every topic that is not Kafka's own, as far as the log reached when this was called; those of
 * a partition in order. Writes nothing.
 */
export async function readTopics(brokers: readonly string[]): Promise<RawRecord[]> {
  const kafka = new Kafka({
    clientId: 'auditor',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 20, maxRetryTime: 1_000 },
  });
  const ends = await endsOf(kafka.admin());
  const consumer = kafka.consumer({ groupId: `auditor-${randomUUID()}` });
  await consumer.connect();
  try {
    return await readUpTo(ends, consumer);
  } finally {
    await consumer.disconnect();
  }
}

/** The offset behind the last one of each partition that holds anything, by topic and partition. */
type Ends = ReadonlyMap<string, bigint>;

async function endsOf(admin: Admin): Promise<Ends> {
  await admin.connect();
  try {
    const ends = new Map<string, bigint>();
    for (const topic of await admin.listTopics()) {
      if (topic.startsWith('__')) continue;
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
        if (high !== low) ends.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
}

async function readUpTo(ends: Ends, consumer: Consumer): Promise<RawRecord[]> {
  const read = new Map<string, RawRecord[]>();
  const next = new Map<string, bigint>();
  // Of batches that hold nothing but markers only this event tells.
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
    const { topic, partition, batchSize, lastOffset } = payload;
    if (batchSize === 0) next.set(`${topic}/${partition}`, BigInt(lastOffset) + 1n);
  });
  const topics = new Set([...ends.keys()].map((place) => place.slice(0, place.lastIndexOf('/'))));
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { topic, partition, messages }, batch }) => {
      const place = `${topic}/${partition}`;
      const records = read.get(place) ?? [];
      read.set(place, records);
      const from = next.get(place) ?? 0n;
      for (const message of messages) {
        // After a failure of a broker the client may fetch again what it had.
        if (BigInt(message.offset) >= from) records.push(rawRecord(topic, partition, message));
      }
      next.set(place, BigInt(batch.lastOffset()) + 1n);
    },
  });
  const giveUpAtMs = Date.now() + readsWithinMs;
  for (;;) {
    const unread = [...ends].filter(([place, end]) => (next.get(place) ?? 0n) < end);
    if (unread.length === 0) return [...read.values()].flat();
    if (Date.now() > giveUpAtMs)
      throw new Error(`these are not to be read to their end: ${unread}`);
    await delay(pollMs);
  }
}

function rawRecord(topic: string, partition: number, message: KafkaMessage): RawRecord {
  const { offset, timestamp, key, value, headers = {} } = message;
  return {
    topic,
    partition,
    offset: BigInt(offset),
    timestampMs: Number(timestamp),
    key: key === null ? null : key.toString(),
    value,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, String(text)]),
    ),
  };
}
