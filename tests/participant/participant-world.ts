import { Buffer } from 'node:buffer';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createService,
  type Event,
  type HeaderValue,
  type IncomingRecord,
  type LogFields,
  type Logger,
  type OutgoingRecord,
  type Saga,
  type Serde,
  type Service,
  type ServiceOptions,
  sagaRef,
  toGraph,
  topicsOf,
} from '@troupe/core';
import { CompensationRequested, headerNames, inDoubt, internalEvents } from '@troupe/core/internal';
import {
  createMemoryLog,
  createMemoryTransport,
  type MemoryLog,
  type MemoryTransport,
} from '@troupe/core/memory';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import { ManualClock } from '@troupe/testing';
import { foreignRecord } from '@troupe/testing/ports';
import { placeOrder } from './shop.ts';

export interface WorldOptions {
  readonly sagas?: readonly Saga[];
  readonly groups?: readonly string[];
  readonly partitions?: number;
}

/** A record as a test looks at it. */
export interface SeenRecord {
  readonly topic: string;
  readonly key: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly record: IncomingRecord;
}

export interface SentEvent {
  readonly id?: string;
  /** Null: without `ce_saga`. Default: `placeOrder`. */
  readonly saga?: Saga | string | null;
  readonly step?: string;
  readonly undoes?: string;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  /** In place of the encoded event. */
  readonly value?: Uint8Array | null;
}

type ServiceSettings = Omit<ServiceOptions, 'name' | 'transport' | 'serde' | 'clock' | 'random'> &
  Partial<Pick<ServiceOptions, 'name' | 'transport' | 'serde'>>;

/** What the coordinator names in the header of its request for an undoing. */
function undoesOf(event: Event): string | undefined {
  if (!(event instanceof CompensationRequested) || event.action === 'cancel') return undefined;
  return event.undoes ?? inDoubt;
}

/** One installation in memory: a log, a registry, a clock, and services as a test starts them. */
export class ParticipantWorld {
  readonly clock = new ManualClock();
  readonly log: MemoryLog = createMemoryLog();
  readonly serde: Serde = createAvroSerde({ registry: createInProcessRegistry() });
  /** Everything that was ever written, over all topics, as it arrived. */
  readonly seen: SeenRecord[] = [];
  readonly lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
  /** What the jitter of back-offs is: the longest wait. */
  readonly random = { id: () => `id-${this.#ids++}`, fraction: () => 1 };
  readonly #transports: MemoryTransport[] = [];
  readonly #own: MemoryTransport = this.transport();
  readonly #services: Service[] = [];
  #ids = 1;

  static async open(options: WorldOptions = {}): Promise<ParticipantWorld> {
    const world = new ParticipantWorld();
    const { sagas = [placeOrder], groups = ['stock', 'mail', 'print'], partitions = 2 } = options;
    const topics = topicsOf(sagas, groups, { partitions });
    await world.#own.topics.create(topics);
    await world.serde.prepare(internalEvents, new AbortController().signal);
    await world.#own.subscribe({
      groupId: 'world',
      topics: [],
      broadcast: topics.map(({ topic }) => topic),
      isolation: 'read-committed',
      sessionTimeoutMs: 30_000,
      onAssigned: () => ({ onRecords: () => undefined, onRevoked: async () => undefined }),
      onBroadcast: (records) => world.seen.push(...records.map(seenRecord)),
      onCrash: (error) => {
        throw error;
      },
    });
    return world;
  }

  transport(): MemoryTransport {
    const transport = createMemoryTransport({ log: this.log });
    this.#transports.push(transport);
    return transport;
  }

  get logger(): Logger {
    const write = (level: string) => (message: string, fields?: LogFields) => {
      this.lines.push({ level, message, fields });
    };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
  }

  service(settings: ServiceSettings): Service {
    const service = createService({
      name: 'stock',
      transport: settings.transport ?? this.transport(),
      serde: this.serde,
      sagas: [placeOrder],
      clock: this.clock,
      random: this.random,
      logger: this.logger,
      ...settings,
    });
    this.#services.push(service);
    return service;
  }

  async started(settings: ServiceSettings): Promise<Service> {
    const service = this.service(settings);
    await service.start();
    return service;
  }

  /** Writes an event as another service or the coordinator would. Returns its id. */
  async send(event: Event, options: SentEvent = {}): Promise<string> {
    const { id = this.random.id() } = options;
    const { topic, key, value, headers } = await this.recordOf(event, { ...options, id });
    await this.write(topic, key, value, headers);
    return id;
  }

  /** As it would be written. */
  recordOf(event: Event, options: SentEvent = {}): Promise<OutgoingRecord> {
    const { id = this.random.id(), saga = placeOrder, headers } = options;
    const ref = typeof saga === 'string' || saga === null ? saga : sagaRef(toGraph(saga));
    return foreignRecord(this.serde, event, {
      undoes: undoesOf(event),
      ...options,
      id,
      saga: undefined,
      // Also one that is no reference.
      headers: { ...(ref === null ? {} : { [headerNames.saga]: ref }), ...headers },
      timeMs: this.clock.nowMs(),
    });
  }

  async write(
    topic: string,
    key: string,
    value: Uint8Array | null,
    headers: Readonly<Record<string, HeaderValue>>,
  ): Promise<void> {
    const producer = this.#own.createProducer();
    await producer.send([{ topic, key, value, headers }]);
    await producer.close();
  }

  /** Records of an event type, or of a topic, in the order of their arrival. */
  of(name: string | { readonly eventName: string }): readonly SeenRecord[] {
    return typeof name === 'string'
      ? this.seen.filter(({ topic }) => topic === name)
      : this.seen.filter(
          ({ type, topic }) => type === name.eventName && !topic.endsWith('.dead-letter'),
        );
  }

  /** Waits, for as many turns of the event loop as anything here could take, until there is what the test expects. */
  async until(expected: string, condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < 20_000; turn += 1) {
      if (condition()) return;
      await nextTurn();
    }
    const types = this.seen.map(({ topic, type }) => `${topic}:${type}`).join(', ');
    throw new Error(
      `never: ${expected}\nseen: ${types}\nlog: ${JSON.stringify(this.lines, null, 1)}`,
    );
  }

  /** Lets everything that could still happen without time passing happen. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 200; turn += 1) await nextTurn();
  }

  async close(): Promise<void> {
    this.log.bringUp();
    const stopped = Promise.allSettled(this.#services.map((service) => service.stop()));
    let done = false;
    void stopped.then(() => {
      done = true;
    });
    // Handlers that hang are waited for until the clock says that it is enough.
    for (let turn = 0; turn < 1_000 && !done; turn += 1) {
      this.clock.advance(1_000);
      await nextTurn();
    }
    for (const transport of this.#transports) transport.crash();
  }
}

function seenRecord(record: IncomingRecord): SeenRecord {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [name, text(value)]),
  );
  return {
    topic: record.topic,
    key: record.key === null ? '' : text(record.key),
    type: headers[headerNames.type] ?? '',
    headers,
    record,
  };
}
