import type { Consumer, Kafka } from 'kafkajs';
import { joined } from './joined.ts';
import { consumerSettings } from './kafka-client.ts';

/** A record as the bare client gives it; the benchmark's events always have a key and a value. */
export interface LastEvent {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface LastEventReaderOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
  readonly onLastEvent: (event: LastEvent) => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * The observer that both sides share: a bare consumer of the last topic, which commits nothing. Resolves when it has
 * its partitions.
 */
export async function readLastEvents(options: LastEventReaderOptions): Promise<Consumer> {
  const { kafka, groupId, topic, onLastEvent, onFault } = options;
  const consumer = kafka.consumer({ groupId, ...consumerSettings });
  const ready = joined(consumer, onFault);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { key, value } of batch.messages) {
        if (key === null || value === null) return onFault(new Error(`${topic}: an empty record`));
        onLastEvent({ key, value });
      }
    },
  });
  await ready;
  return consumer;
}
