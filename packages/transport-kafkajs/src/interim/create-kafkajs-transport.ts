import type {
  Consumer,
  Producer,
  Subscription,
  TransactionalProducer,
  Transport,
} from '@troupe/core';
import { CoalescingProducer } from './coalescing-producer.ts';
import { type Connection, connect, type KafkajsTransportOptions } from './connection.ts';
import { GroupConsumer } from './group-consumer.ts';
import { KafkajsTopicAdmin } from './topic-admin.ts';
import { openTransactionalProducer } from './transactional-producer.ts';

/** A transport on Kafka, by kafkajs. */
export function createKafkajsTransport(options: KafkajsTransportOptions): Transport {
  return new KafkajsTransport(options);
}

class KafkajsTransport implements Transport {
  readonly name = 'kafkajs';
  readonly topics: KafkajsTopicAdmin;
  readonly #options: KafkajsTransportOptions;
  readonly #connection: Connection;
  readonly #producers = new Set<Producer | TransactionalProducer>();
  readonly #consumers = new Set<Consumer>();

  constructor(options: KafkajsTransportOptions) {
    this.#options = options;
    this.#connection = connect(options);
    this.topics = new KafkajsTopicAdmin(this.#connection);
  }

  createProducer(): Producer {
    const producer = new CoalescingProducer(this.#connection);
    this.#producers.add(producer);
    return producer;
  }

  async openTransactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    const producer = await openTransactionalProducer(this.#connection, transactionalId);
    this.#producers.add(producer);
    return producer;
  }

  async subscribe(subscription: Subscription): Promise<Consumer> {
    const consumer = new GroupConsumer(this.#options, subscription);
    await consumer.open();
    this.#consumers.add(consumer);
    return consumer;
  }

  check(): Promise<void> {
    return this.topics.check();
  }

  async close(): Promise<void> {
    for (const consumer of this.#consumers) await consumer.close();
    for (const producer of this.#producers) await producer.close();
    await this.topics.close();
  }
}
