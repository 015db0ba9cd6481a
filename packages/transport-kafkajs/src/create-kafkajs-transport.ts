import {
  type Consumer,
  type Producer,
  type Subscription,
  type TopicAdmin,
  type TransactionalProducer,
  type Transport,
  TransportError,
} from '@troupe/core';
import { type Surroundings, surroundingsOf } from './client/kafka-client.ts';
import { checkClientVersion } from './client/kafkajs-modules.ts';
import { transportErrorOf } from './client/transport-error-of.ts';
import { GroupConsumer } from './consuming/membership/group-consumer.ts';
import type { KafkajsTransportOptions } from './kafkajs-transport-options.ts';
import { CoalescingProducer } from './sending/coalescing-producer.ts';
import {
  type KafkajsTransactionalProducer,
  openTransactionalProducer,
} from './sending/kafkajs-transactional-producer.ts';
import { checkConnection, KafkajsTopicAdmin } from './topics/kafkajs-topic-admin.ts';
import { TopicDirectory } from './topics/topic-directory.ts';

/**
 * A transport on Kafka, by kafkajs. Connects when it is first used. Throws a `ConfigurationError` where kafkajs is another
 * version than the one whose faults are corrected here.
 *
 * @example
 * const transport = createKafkajsTransport({ brokers: ['localhost:9092'], clientId: 'payment' });
 */
export function createKafkajsTransport(options: KafkajsTransportOptions): Transport {
  checkClientVersion();
  return new KafkajsTransport(surroundingsOf(options));
}

class KafkajsTransport implements Transport {
  readonly name = 'kafkajs';
  readonly topics: TopicAdmin;
  readonly #surroundings: Surroundings;
  readonly #directory: TopicDirectory;
  readonly #consumers = new Set<GroupConsumer>();
  readonly #producers = new Set<CoalescingProducer>();
  readonly #transactional = new Set<KafkajsTransactionalProducer>();
  #closing: Promise<void> | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#directory = new TopicDirectory(surroundings);
    this.topics = new KafkajsTopicAdmin(surroundings, this.#directory, () => this.#assertOpen());
  }

  createProducer(): Producer {
    this.#assertOpen();
    const producer = new CoalescingProducer(this.#surroundings, this.#directory, (ended) =>
      this.#producers.delete(ended),
    );
    this.#producers.add(producer);
    return producer;
  }

  async openTransactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    this.#assertOpen();
    const producer = await openTransactionalProducer(
      this.#surroundings,
      this.#directory,
      transactionalId,
      (ended) => this.#transactional.delete(ended),
    );
    if (this.#closing !== undefined) await producer.close();
    this.#assertOpen();
    this.#transactional.add(producer);
    return producer;
  }

  async subscribe(subscription: Subscription): Promise<Consumer> {
    this.#assertOpen();
    const consumer = new GroupConsumer(this.#surroundings, this.#directory, subscription, () =>
      this.#consumers.delete(consumer),
    );
    this.#consumers.add(consumer);
    try {
      await consumer.join();
      return consumer;
    } catch (error) {
      this.#consumers.delete(consumer);
      const doing = `group ${subscription.groupId} cannot be joined`;
      throw transportErrorOf(doing, error, this.#surroundings.options.brokers);
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    this.#assertOpen();
    await checkConnection(this.#surroundings, signal);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    for (const producer of this.#producers) producer.drop();
    await Promise.all([...this.#transactional].map((producer) => producer.close()));
    this.#directory.discard();
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new TransportError('stopped', 'the kafkajs transport was closed: create a new one');
  }
}
