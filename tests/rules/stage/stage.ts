import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import { type Coordinator, createCoordinator } from '@troupe/coordinator';
import {
  createService,
  type LogFields,
  type OutgoingRecord,
  type Saga,
  type Serde,
  type Service,
  type ServiceOptions,
  silentLogger,
  type Transport,
  topicsOf,
} from '@troupe/core';
import { internalEvents, type SagaLimits } from '@troupe/core/internal';
import type { SqliteInbox } from '@troupe/sqlite';
import { FollowedLog } from '../../installations/followed-log.ts';
import { RecordedSpans } from '../../tracing/recorded-spans.ts';
import { Cast, type Script } from './cast.ts';
import type { Ground } from './ground.ts';
import { LetterWritten, sendLetter, sendLetterNow } from './letter-saga.ts';
import { OneSaga } from './one-saga.ts';
import { dockHandlers, stockHandlers, tillHandlers } from './order-handlers.ts';
import {
  hastyCharge,
  hastyInvoice,
  hastyOrder,
  hastyReserve,
  hastyShip,
  notedOrder,
  OrderPlaced,
  placeOrder,
} from './order-saga.ts';
import { houseHandlers } from './table-handlers.ts';
import { serveGuest, TableAsked } from './table-saga.ts';
import { porterHandlers, receiveVisitor, VisitorCame } from './visit-saga.ts';

const partitions = 4;
const groups = [
  'shop',
  'stock',
  'till',
  'dock',
  'house',
  'porter',
  'letters',
  'new-letters',
  'wrong-letters',
  'stamper',
  'poster',
  'troupe-coordinator',
];
/** Their topics are there from the beginning; their definitions come while others run. */
const laterSagas: readonly Saga[] = [sendLetter, sendLetterNow];
/** Of the shop, which publishes their starts. */
const sagas: readonly Saga[] = [
  placeOrder,
  hastyReserve,
  hastyCharge,
  hastyShip,
  hastyInvoice,
  hastyOrder,
  notedOrder,
  serveGuest,
  receiveVisitor,
];

export interface OrderDetails {
  /** Default: `placeOrder`. Another one has the same steps with other time limits. */
  readonly saga?: Saga;
  /** What the participants do. */
  readonly script?: Script;
  readonly ships?: boolean;
  readonly note?: string;
}

export interface GuestDetails {
  readonly id?: string;
  readonly script?: Script;
  readonly cake?: boolean;
}

export interface LetterDetails {
  readonly saga?: Saga;
  readonly script?: Script;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/**
 * A whole installation on one ground: participants with inboxes on SQLite, a coordinator, somebody who publishes, and an
 * audience that reads every topic. Scenarios share it, each with sagas of its own.
 */
export class Stage {
  readonly cast = new Cast();
  readonly log: FollowedLog;
  readonly serde: Serde;
  readonly partitions = partitions;
  readonly #ground: Ground;
  readonly #hand: Transport;
  readonly #producer;
  readonly #services = new Map<string, Service>();
  readonly #lines: LogLine[] = [];
  readonly #spans = new RecordedSpans();
  #coordinator: Coordinator | undefined;

  private constructor(ground: Ground, hand: Transport, serde: Serde, log: FollowedLog) {
    this.#ground = ground;
    this.#hand = hand;
    this.#producer = hand.createProducer();
    this.serde = serde;
    this.log = log;
    this.#spans.start();
  }

  static async open(ground: Ground): Promise<Stage> {
    const { transport, serde } = ground.connect('audience');
    const topics = topicsOf([...sagas, ...laterSagas], groups, { partitions });
    await transport.topics.create(topics);
    await serde.prepare(internalEvents, AbortSignal.timeout(30_000));
    const partitioned = topics.filter((topic) => topic.partitions === partitions);
    const log = new FollowedLog();
    await log.follow(
      transport,
      partitioned.map(({ topic }) => topic),
    );
    const stage = new Stage(ground, transport, serde, log);
    await stage.startService('shop', () => [], sagas);
    await stage.startService('stock', (inbox) => stockHandlers(stage.cast, inbox));
    await stage.startService('till', (inbox) => tillHandlers(stage.cast, inbox));
    await stage.startService('dock', (inbox) => dockHandlers(stage.cast, inbox));
    await stage.startService('house', (inbox) => houseHandlers(stage.cast, inbox));
    await stage.#start({ name: 'porter', handlers: porterHandlers(stage.cast) });
    await stage.startCoordinator();
    return stage;
  }

  /** An order with an id of its own. Nothing has happened yet. */
  order({ saga = placeOrder, script = {}, ships = true, note = '' }: OrderDetails = {}): OneSaga {
    const placed = new OrderPlaced({ orderId: randomUUID(), ships, note });
    return new OneSaga(this, saga, placed, script);
  }

  /** A guest who asks for a table, and maybe for a cake. */
  guest({ id = randomUUID(), script = {}, cake = false }: GuestDetails = {}): OneSaga {
    const asked = new TableAsked({ guest: id, cake });
    return new OneSaga(this, serveGuest, asked, script);
  }

  /** Somebody's letter, by version 1 of its saga or another one. */
  letter({ saga = sendLetter, script = {} }: LetterDetails = {}): OneSaga {
    return new OneSaga(this, saga, new LetterWritten({ id: randomUUID() }), script);
  }

  /** Its steps are run by a service without an inbox. */
  visit(script: Script = {}): OneSaga {
    return new OneSaga(this, receiveVisitor, new VisitorCame({ visitor: randomUUID() }), script);
  }

  /** What the coordinator logged of a saga. */
  linesOf(sagaId: string): readonly LogLine[] {
    return this.#lines.filter(({ fields }) => fields?.['sagaId'] === sagaId);
  }

  /** The spans of a saga as a whole, by their attributes. */
  spansOf(sagaId: string): readonly Attributes[] {
    return this.#spans.all
      .filter(({ name }) => name.startsWith('saga '))
      .map(({ attributes }) => attributes)
      .filter((attributes) => attributes['messaging.message.conversation_id'] === sagaId);
  }

  async makeTopic(topic: string, count: number): Promise<void> {
    await this.#hand.topics.create([{ topic, partitions: count, cleanup: 'delete' }]);
  }

  service(name: string): Service {
    const service = this.#services.get(name);
    if (service === undefined) throw new Error(`there is no service ${name}`);
    return service;
  }

  /** With an inbox that it finds again when it is started again. */
  startService(
    name: string,
    handlers: (inbox: SqliteInbox) => ServiceOptions['handlers'],
    sagas: readonly Saga[] = [],
  ): Promise<Service> {
    const inbox = this.cast.inbox(join(this.#ground.folder, `${name}.db`));
    return this.#start({ name, inbox, sagas, handlers: handlers(inbox) });
  }

  async #start(
    options: Pick<ServiceOptions, 'name' | 'handlers' | 'inbox' | 'sagas'>,
  ): Promise<Service> {
    const { name } = options;
    const service = createService({
      ...this.#ground.connect(name),
      ...options,
      limits: { attemptsMax: 2, retryFirstDelayMs: 10 },
    });
    await service.start();
    this.#services.set(name, service);
    return service;
  }

  get coordinator(): Coordinator {
    if (this.#coordinator === undefined) throw new Error('there is no coordinator now');
    return this.#coordinator;
  }

  async startCoordinator(saga: Partial<SagaLimits> = {}): Promise<void> {
    const connection = this.#ground.connect('troupe-coordinator');
    const write = (level: string) => (message: string, fields?: LogFields) => {
      this.#lines.push({ level, message, fields });
    };
    const logger = {
      ...silentLogger,
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
    this.#coordinator = createCoordinator({ ...connection, logger, limits: { saga } });
    await this.#coordinator.start();
  }

  async stopCoordinator(): Promise<void> {
    await this.#coordinator?.stop();
    this.#coordinator = undefined;
  }

  /** Writes as anybody else does, who knows nothing of Troupe. */
  async send(...records: readonly OutgoingRecord[]): Promise<void> {
    await this.#producer.send(records);
  }

  async close(): Promise<void> {
    await this.stopCoordinator();
    for (const service of this.#services.values()) await service.stop();
    await this.#spans.stop();
    this.cast.close();
    await this.#hand.close();
    await this.#ground.close();
  }
}
