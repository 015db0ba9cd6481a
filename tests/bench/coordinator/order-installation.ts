import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GivenCoordinatorLimits } from '@troupe/coordinator';
import { eventClassesOf, toGraph, topicsOf } from '@troupe/core';
import { writeDefinition } from '@troupe/core/internal';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { BenchProcess } from '../bench-process.ts';
import type { BenchSurroundings } from '../bench-surroundings.ts';
import { deleteTopics, insist, topicsAnswer } from '../chain/bench-topics.ts';
import { kafkaClient } from '../chain/kafka-client.ts';
import type { CoordinatorRunRequest, CoordinatorRunResult } from './coordinator-run.ts';
import { orderSaga } from './order-saga.ts';
import { type Preload, preload } from './preload.ts';

const script = fileURLToPath(new URL('./coordinator-process-main.ts', import.meta.url));
const groupId = 'bench-coordinator';
const runTimeoutMs = 30 * 60_000;

/** The topics of one measurement, with the definition in them; they are gone when it is closed. */
export class OrderInstallation {
  readonly #surroundings: BenchSurroundings;
  readonly #partitions: number;
  readonly #transport: ReturnType<typeof createKafkajsTransport>;
  readonly #producer: ReturnType<ReturnType<typeof createKafkajsTransport>['createProducer']>;
  readonly #serde = createAvroSerde({ registry: createInProcessRegistry() });
  readonly #topics: readonly string[];

  private constructor(surroundings: BenchSurroundings, partitions: number) {
    this.#surroundings = surroundings;
    this.#partitions = partitions;
    this.#transport = createKafkajsTransport({
      brokers: surroundings.brokers,
      clientId: 'bench-preload',
    });
    this.#producer = this.#transport.createProducer();
    this.#topics = topicSpecs(partitions).map(({ topic }) => topic);
  }

  static async open(
    surroundings: BenchSurroundings,
    partitions: number,
  ): Promise<OrderInstallation> {
    const installation = new OrderInstallation(surroundings, partitions);
    await installation.#open();
    return installation;
  }

  async #open(): Promise<void> {
    const kafka = kafkaClient(this.#surroundings.brokers, 'bench-topics');
    await insist(() => this.#transport.topics.create(topicSpecs(this.#partitions)));
    await topicsAnswer(kafka, this.#topics);
    await this.#serde.prepare(eventClassesOf(orderSaga), this.#surroundings.signal);
    await this.#producer.send([writeDefinition(toGraph(orderSaga))]);
  }

  preload(what: Preload): Promise<void> {
    return preload(what, this.#producer, this.#serde, this.#surroundings.signal);
  }

  /** One life of a coordinator in a process of its own, alone on the machine but for the broker. */
  async run(limits: GivenCoordinatorLimits, events: number): Promise<CoordinatorRunResult> {
    const { brokers, signal } = this.#surroundings;
    const process = new BenchProcess<CoordinatorRunRequest, CoordinatorRunResult>(
      'the coordinator',
      script,
      [],
      ['--expose-gc'],
    );
    try {
      const life = { brokers, groupId, partitions: this.#partitions, limits, events };
      return await process.run({ ...life, timeoutMs: runTimeoutMs }, signal);
    } finally {
      await process.stop();
    }
  }

  async close(): Promise<void> {
    await this.#transport.close();
    await deleteTopics(kafkaClient(this.#surroundings.brokers, 'bench-topics'), this.#topics);
    // The broker removes their files a moment later; the next ones have the same names.
    await sleep(1_000);
  }
}

function topicSpecs(partitions: number) {
  return topicsOf([orderSaga], [groupId], { partitions });
}
