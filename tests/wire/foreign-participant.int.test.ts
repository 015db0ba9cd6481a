import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCoordinator } from '@troupe/coordinator';
import { createService, type Service } from '@troupe/core';
import { createMemoryInbox } from '@troupe/core/memory';
import { type ServerProcess, startServerProcess } from '@troupe/infra';
import { type CloudEvent, Kafka as CloudEventsOnKafka } from 'cloudevents';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseSourceFile } from '../architecture/source-file.ts';
import { RawLog, type RawRecord } from '../e2e/raw-log.ts';
import { SagaLives } from '../e2e/saga-lives.ts';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import {
  BookDelivered,
  BookOrdered,
  bookSaga,
  deliverer,
  hastyBookSaga,
  typesetter,
} from './print-book.ts';

const domainTopics = ['press', 'press.paper', 'press.printing'];
const internalTopics = ['troupe.requests', 'troupe.outcomes', 'troupe.sagas'];
const deadLetterTopics = ['press-hall', 'press-works', 'troupe-coordinator'].map(
  (group) => `${group}.dead-letter`,
);

let installation: KafkaAndRegistry;
let log: RawLog;
let service: Service;
let coordinator: ReturnType<typeof createCoordinator>;
let foreign: ServerProcess;

beforeAll(async () => {
  installation = await KafkaAndRegistry.open({
    sagas: [bookSaga],
    groups: ['press-works', 'press-hall', 'troupe-coordinator'],
  });
  log = await RawLog.follow(installation.brokers, [
    ...domainTopics,
    ...internalTopics,
    ...deadLetterTopics,
    'troupe.definitions',
  ]);
  service = createService({
    ...installation.connect('press-works'),
    name: 'press-works',
    sagas: [bookSaga, hastyBookSaga],
    handlers: [typesetter, deliverer],
    inbox: createMemoryInbox(),
  });
  coordinator = createCoordinator(installation.connect('troupe-coordinator'));
  await service.start();
  await coordinator.start();
});

afterAll(async () => {
  await foreign?.stop();
  await coordinator?.stop();
  await service?.stop();
  await log?.stop();
  await installation?.close();
});

async function startForeign(): Promise<ServerProcess> {
  const folder = await mkdtemp(join(installation.folder, 'press-hall-'));
  return startServerProcess({
    name: 'press-hall',
    command: process.execPath,
    args: [
      join(import.meta.dirname, 'foreign-participant.ts'),
      installation.kafka.bootstrapServers,
      installation.registryUrl,
    ],
    folder,
    removedAfterCrash: installation.folder,
    isReady: (text) => text.includes('press-hall takes part'),
  });
}

interface Order {
  readonly title?: string;
  readonly copies?: number;
  readonly deliverTo?: string;
  readonly saga?: typeof bookSaga;
}

async function order(bookId: string, about: Order = {}): Promise<void> {
  const { title = 'On Kites', copies = 100, deliverTo = 'Rome', saga = bookSaga } = about;
  const ordered = new BookOrdered({ bookId, title, copies, deliverTo, orderedAt: new Date() });
  await service.publish(ordered, { saga: `${saga.name}@${saga.version}` });
}

const lives = () => new SagaLives(log.of('troupe.sagas'));

async function ended(bookId: string): Promise<string | undefined> {
  const over = /^(completed|compensated)$/;
  await vi.waitFor(() => expect(lives().phaseOf(bookId)).toMatch(over), 30_000);
  return lives().phaseOf(bookId);
}

/** Of the topics of the domain, by the types of the events, each once. */
function outcomesOf(bookId: string): ReadonlyMap<string, RawRecord> {
  const records = log.of(...domainTopics, 'troupe.outcomes').filter(({ key }) => key === bookId);
  return new Map(records.map((record) => [record.headers['ce_type'] ?? '', record]));
}

describe('the foreign participant', () => {
  test('has no code of Troupe, and no other library than those for Kafka and Avro', async () => {
    const files = ['foreign-participant.ts', 'foreign-schemas.ts'];
    const specifiers = await Promise.all(
      files.map(async (file) => {
        const text = await readFile(join(import.meta.dirname, file), 'utf8');
        return parseSourceFile(file, text).imports.map(({ specifier }) => specifier);
      }),
    );
    const allowed = ['avsc', 'kafkajs', 'node:crypto', './foreign-schemas.ts'];
    expect([...new Set(specifiers.flat())].sort()).toEqual(allowed.sort());
  });
});

describe('a saga of which a foreign participant implements two steps', () => {
  beforeAll(async () => {
    foreign = await startForeign();
  });

  test('completes: a step triggered by the event, and a join', async () => {
    await order('b-1');
    expect(await ended('b-1')).toBe('completed');
    const outcomes = outcomesOf('b-1');
    expect([...outcomes.keys()].sort()).toEqual([
      'press.BookDelivered',
      'press.BookOrdered',
      'press.BookTypeset',
      'press.paper.PaperBought',
      'press.printing.BookPrinted',
    ]);
    const framed = outcomes.get('press.BookDelivered')?.value ?? Buffer.alloc(0);
    const { serde } = installation.connect('reader');
    await serde.prepare([BookDelivered], AbortSignal.timeout(10_000));
    // As Troupe's service read it from what the foreign one wrote: 800 sheets at 0.03.
    const delivered = await serde.decode(framed, BookDelivered);
    expect({ ...delivered }).toEqual({ bookId: 'b-1', copies: 100, paperCost: '24.00' });
    expect(lives().fold('b-1')?.deviations).toBe(0);
  });

  test('is compensated, both foreign steps by their outputs', async () => {
    await order('b-2', { deliverTo: 'the moon' });
    expect(await ended('b-2')).toBe('compensated');
    const outcomes = outcomesOf('b-2');
    const pulped = outcomes.get('press.printing.BookPulped');
    const returned = outcomes.get('press.paper.PaperReturned');
    const idOf = (type: string) => outcomes.get(type)?.headers['ce_id'];
    expect(pulped?.headers['ce_undoes']).toBe(idOf('press.printing.BookPrinted'));
    expect(returned?.headers['ce_undoes']).toBe(idOf('press.paper.PaperBought'));
    const types = lives().typesOf('b-2');
    expect(types.filter((type) => type === 'step-compensated')).toHaveLength(3);
    // The last one first.
    const undone = lives()
      .eventsOf('b-2')
      .flatMap((event) => (event.type === 'step-compensated' ? [event.step] : []));
    expect(undone[0]).toBe('print-book');
    expect(undone.slice(1).sort()).toEqual(['buy-paper', 'typeset-book']);
    expect(lives().fold('b-2')?.deviations).toBe(0);
  });

  test('is compensated when the foreign step refuses', async () => {
    await order('b-3', { copies: 5_000 });
    expect(await ended('b-3')).toBe('compensated');
    expect(outcomesOf('b-3').has('press.paper.PaperRefused')).toBe(true);
    expect(lives().fold('b-3')).toMatchObject({
      doom: { cause: 'rejected', step: 'buy-paper' },
      deviations: 0,
    });
  });

  test('is compensated although the foreign participant was away while it was doomed', async () => {
    await foreign.stop();
    await order('b-4', { title: '' });
    await order('b-5', { saga: hastyBookSaga });
    await vi.waitFor(() => {
      expect(lives().typesOf('b-4')).toContain('cancel-requested');
      expect(lives().typesOf('b-5')).toContain('step-timed-out');
      expect(lives().typesOf('b-5')).toContain('compensation-requested');
    }, 30_000);
    foreign = await startForeign();
    expect([await ended('b-4'), await ended('b-5')]).toEqual(['compensated', 'compensated']);
    // Whichever it read first, the order or the request: it was cancelled, or had bought paper and gave it back.
    const types = lives().typesOf('b-4');
    expect(types.includes('step-skipped') || types.includes('step-compensated')).toBe(true);
    // In doubt: it gave back what it may have bought, or said that it had, and was asked again.
    const undoes = outcomesOf('b-5').get('press.paper.PaperReturned')?.headers['ce_undoes'];
    const bought = outcomesOf('b-5').get('press.paper.PaperBought')?.headers['ce_id'];
    expect([bought, 'doubt']).toContain(undoes);
  });

  test('has a definition that says which step waits for what, and emits what', async () => {
    const [definition] = log
      .of('troupe.definitions')
      .filter(({ key }) => key?.startsWith('print-book@1#'));
    expect(definition?.key).toBe(outcomesOf('b-1').get('press.BookOrdered')?.headers['ce_saga']);
    const { name, version, hash, startsOn, steps } = JSON.parse(String(definition?.value));
    expect(definition?.key).toBe(`${name}@${version}#${hash}`);
    expect(startsOn).toMatchObject({ type: 'press.BookOrdered', topic: 'press' });
    const own = steps.filter((step: { name: string }) =>
      /^(buy-paper|print-book)$/.test(step.name),
    );
    expect(own).toMatchObject([
      {
        name: 'buy-paper',
        emits: { type: 'press.paper.PaperBought', topic: 'press.paper' },
        rejects: { type: 'press.paper.PaperRefused' },
        compensates: { type: 'press.paper.PaperReturned' },
        dependencies: [{ name: '', outcome: 'succeeded', required: true }],
        timeoutMs: 60_000,
        pivot: false,
      },
      {
        name: 'print-book',
        dependencies: [
          { name: 'order', outcome: 'succeeded', required: true },
          { name: 'paper', step: 'buy-paper', outcome: 'succeeded', required: true },
          { name: 'text', step: 'typeset-book', outcome: 'succeeded', required: true },
        ],
      },
    ]);
  });

  test('one outcome has one id, whoever computes it, and no dead letters come of it', async () => {
    const ids = Map.groupBy(
      log.of(...domainTopics, 'troupe.outcomes'),
      ({ key, headers }) => `${key} ${headers['ce_type']}`,
    );
    for (const records of ids.values()) {
      expect(new Set(records.map(({ headers }) => headers['ce_id'])).size).toBe(1);
    }
    expect(log.of(...deadLetterTopics)).toEqual([]);
  });
});

describe('the official CloudEvents library', () => {
  const eventOf = ({ key, value, headers }: RawRecord) => {
    const message = { key, value, headers, body: value };
    return CloudEventsOnKafka.toEvent(message) as CloudEvent<Buffer>;
  };

  test('reads every record as a valid event with the extensions of Troupe', async () => {
    const records = log.of(...domainTopics, ...internalTopics);
    expect(records.length).toBeGreaterThan(30);
    for (const record of records) {
      const event = eventOf(record);
      expect(event.validate()).toBe(true);
      expect(event).toMatchObject({
        specversion: '1.0',
        id: record.headers['ce_id'],
        type: record.headers['ce_type'],
        correlationid: record.key,
        partitionkey: record.key,
        saga: expect.stringMatching(/^print-book@[12]#[0-9a-f]+$/),
      });
      expect(Date.parse(event.time ?? '')).not.toBeNaN();
      const isJson = record.topic === 'troupe.sagas';
      expect(event.datacontenttype).toBe(isJson ? 'application/json' : 'application/avro');
    }
  });

  test('knows what caused each event, back to the start of the saga', () => {
    const events = log.of(...domainTopics, ...internalTopics).map(eventOf);
    const known = new Map(events.map((event) => [event.id, event]));
    const causes = (id: string | undefined): string[] => {
      const event = id === undefined ? undefined : known.get(id);
      return event === undefined ? [] : [event.type, ...causes(event['causationid'] as string)];
    };
    const delivered = events.find(({ type }) => type === 'press.BookDelivered');
    const chain = causes(delivered?.id);
    expect(chain.slice(0, 4)).toEqual([
      'press.BookDelivered',
      'troupe.StepRequested',
      'press.printing.BookPrinted',
      'troupe.StepRequested',
    ]);
    // Whichever of the join's inputs the coordinator read last.
    const last = /^(press\.BookTypeset|press\.paper\.PaperBought|press\.BookOrdered)$/;
    expect(chain[4]).toMatch(last);
    expect(chain.at(-1)).toBe('press.BookOrdered');
  });
});
