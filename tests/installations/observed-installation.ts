import { type CoordinatorOptions, createCoordinator } from '@troupe/coordinator';
import {
  type Clock,
  createService,
  type Event,
  eventKeyOf,
  type OutgoingRecord,
  type Saga,
  type Serde,
  type StepHandler,
  type Transport,
  toGraph,
  topicsOf,
} from '@troupe/core';
import {
  headerNames,
  internalTopics,
  type Progress,
  type SagaEvent,
  type SagaRef,
  sagaRef,
  writeDefinition,
} from '@troupe/core/internal';
import { createMemoryInbox } from '@troupe/core/memory';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import { type ForeignRecordOptions, foreignRecord } from '@troupe/testing/ports';
import { FollowedLog, type SeenRecord } from './followed-log.ts';

const groups = ['hotel', 'flight', 'till', 'troupe-coordinator'];

/** What each part of an installation has for itself, as if it were a process of its own. */
export interface Connection<Its extends Transport = Transport> {
  readonly transport: Its;
  /** As `kill -9`. */
  kill(): void;
  /** As a pause that is longer than the session. */
  loseSessions(): Promise<void>;
}

export interface InstallationOptions {
  readonly clock?: Clock | undefined;
  readonly partitions?: number | undefined;
  /** Default: one with a registry in this process, which other processes cannot ask. */
  readonly serde?: Serde | undefined;
}

/**
 * A whole installation in one process, whose parts can be started, stopped and killed apart, and of which all partitioned
 * topics are read. Does not own the log: who connects to it closes it.
 */
export abstract class ObservedInstallation<Its extends Transport = Transport> {
  readonly partitions: number;
  readonly serde: Serde;
  readonly #sagas: readonly [Saga, ...Saga[]];
  readonly #clock: Clock | undefined;
  /** Opens a connection of its own. */
  readonly connect: () => Connection<Its>;
  readonly #observer;
  readonly #outside;
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #seen = new FollowedLog();

  constructor(
    sagas: Saga | readonly [Saga, ...Saga[]],
    connect: () => Connection<Its>,
    { clock, partitions = 3, serde }: InstallationOptions,
  ) {
    this.#sagas = 'name' in sagas ? [sagas] : sagas;
    this.#clock = clock;
    this.connect = connect;
    this.partitions = partitions;
    this.serde = serde ?? createAvroSerde({ registry: createInProcessRegistry() });
    this.#observer = connect().transport;
    this.#outside = this.#observer.createProducer();
  }

  async open(): Promise<void> {
    const topics = topicsOf(this.#sagas, groups, { partitions: this.partitions });
    await this.#observer.topics.create(topics);
    const partitioned = topics.filter(({ partitions }) => partitions === this.partitions);
    await this.#seen.follow(
      this.#observer,
      partitioned.map(({ topic }) => topic),
    );
  }

  async startService(name: string, handlers: readonly StepHandler[], inbox = createMemoryInbox()) {
    const service = createService({
      name,
      transport: this.connect().transport,
      serde: this.serde,
      handlers,
      sagas: this.#sagas,
      inbox,
      clock: this.#clock,
    });
    await service.start();
    this.#stops.push(() => service.stop());
    return service;
  }

  /** A coordinator that was made, and not started. */
  makeCoordinator({ around, ...options }: StartCoordinator<Its> = {}) {
    const { transport, kill, loseSessions } = this.connect();
    const coordinator = createCoordinator({
      transport: around === undefined ? transport : around(transport),
      serde: this.serde,
      clock: this.#clock,
      ...options,
    });
    this.#stops.push(() => coordinator.stop());
    return { coordinator, kill, loseSessions };
  }

  async startCoordinator(options: StartCoordinator<Its> = {}) {
    const made = this.makeCoordinator(options);
    await made.coordinator.start();
    return made;
  }

  /** Takes the transactional ids of all shards, as a coordinator does that takes over, and lets go of them. */
  async fence(): Promise<void> {
    for (let partition = 0; partition < this.partitions; partition += 1) {
      const id = `troupe-coordinator.${partition}`;
      const producer = await this.#observer.openTransactionalProducer(id);
      await producer.close();
    }
  }

  /** Publishes the definitions, as a service does at its start. */
  async define(): Promise<void> {
    await this.send(...this.#sagas.map((saga) => writeDefinition(toGraph(saga))));
  }

  async makeTopic(topic: string, partitions: number): Promise<void> {
    await this.#observer.topics.create([{ topic, partitions, cleanup: 'delete' }]);
  }

  /** Publishes as a foreign producer does, with the headers that it likes. */
  async publish(event: Event, options: PublishOptions = {}): Promise<void> {
    await this.send(await this.recordOf(event, options));
  }

  /** As it would be published. */
  recordOf(event: Event, options: PublishOptions = {}): Promise<OutgoingRecord> {
    const { id = `${event['~event']}/${eventKeyOf(event)}` } = options;
    const { saga = sagaRef(toGraph(this.#sagas[0])) } = options;
    return foreignRecord(this.serde, event, { ...options, id, saga: saga ?? undefined, timeMs: 0 });
  }

  async send(...records: OutgoingRecord[]): Promise<void> {
    await this.#outside.send(records);
  }

  /** Everything that was read of any topic. */
  get records(): readonly SeenRecord[] {
    return this.#seen.records;
  }

  /** The events of `troupe.sagas` about a saga; of the first definition's, if no name is given. */
  lifeOf(sagaId: string, sagaName = this.#sagas[0].name): readonly SagaEvent[] {
    return this.#seen.lifeOf(sagaName, sagaId);
  }

  /** The life of a saga, folded from its start. */
  folded(sagaId: string, sagaName = this.#sagas[0].name): Progress | undefined {
    return this.#seen.progressOf(sagaName, sagaId);
  }

  phase(sagaId: string): string | undefined {
    const progress = this.folded(sagaId);
    return progress?.stuck === undefined ? progress?.phase : `stuck: ${progress.stuck.reason}`;
  }

  /** The causes of the coordinator's dead letters, by code, with the message. */
  get deadLetters(): readonly (readonly [code: string, message: string])[] {
    const { deadLetterCode, deadLetterMessage } = headerNames;
    return this.records
      .filter(({ topic }) => topic === 'troupe-coordinator.dead-letter')
      .map(({ headers }) => [headers[deadLetterCode] ?? '', headers[deadLetterMessage] ?? '']);
  }

  /** The requests that participants can see: `type step` of a saga. */
  requestsOf(sagaId: string): string[] {
    return this.#seen
      .of(internalTopics.requests, sagaId)
      .map(({ headers }) => `${headers[headerNames.type]} ${headers[headerNames.step]}`);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) await stop();
    await this.#observer.close();
  }
}

export interface StartCoordinator<Its extends Transport = Transport>
  extends Partial<Omit<CoordinatorOptions, 'transport'>> {
  /** What the coordinator gets instead of its transport: one that fails, or is slow. */
  readonly around?: (transport: Its) => Transport;
}

interface PublishOptions extends Omit<ForeignRecordOptions, 'id' | 'saga'> {
  readonly id?: string;
  /** Null: without `ce_saga`. Default: the first definition. */
  readonly saga?: SagaRef | null;
}
