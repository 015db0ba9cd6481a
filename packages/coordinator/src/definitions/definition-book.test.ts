import { type IncomingRecord, type LogFields, silentLogger } from '@troupe/core';
import { hashOfGraph, type SagaGraph, sagaRef, writeDefinition } from '@troupe/core/internal';
import { expect, test } from 'vitest';
import { DefinitionBook, topicsOfGraph } from './definition-book.ts';

const event = (type: string) => ({
  type,
  topic: type.slice(0, type.indexOf('.')),
  fingerprint: 'f',
});
/** Another time limit gives another hash. */
function graph(version: number, timeoutMs = 1_000): SagaGraph {
  const content = {
    startsOn: event('shop.OrderPlaced'),
    timeoutMs,
    steps: [
      {
        name: 'reserve-stock',
        shape: 'single',
        dependencies: [{ name: '', outcome: 'succeeded', required: true }],
        emits: event('stock.StockReserved'),
        rejects: event('stock.StockRejected'),
        pivot: false,
        conditional: false,
        timeoutMs: 100,
      },
    ],
  } as const;
  return { name: 'place-order', version, hash: hashOfGraph(content), ...content };
}

function record(definition: SagaGraph, value?: string): IncomingRecord {
  const written = writeDefinition(definition);
  return {
    topic: written.topic,
    partition: 0,
    offset: 0n,
    key: Buffer.from(written.key),
    value: value === undefined ? written.value : Buffer.from(value),
    headers: {},
    timestampMs: 0,
  };
}

const newBook = (definitionsMax = 10) => new DefinitionBook(definitionsMax, silentLogger);

test('a definition is used once it is admitted, and read once', () => {
  const book = newBook();
  const first = graph(1);
  const read = book.offer(record(first));
  expect(read).toEqual(first);
  expect(book.get(sagaRef(first))).toBeUndefined();
  book.admit(first);
  expect(book.get(sagaRef(first))).toEqual(first);
  expect(book.offer(record(first))).toBeUndefined();
});

test('what may still be admitted is not refused for good', () => {
  const book = newBook();
  const candidate = graph(1);
  const saga = sagaRef(candidate);
  expect(book.refusal(saga)).toBeUndefined();
  book.offer(record(candidate));
  book.refuse(saga, 'topics are missing');
  expect(book.refusal(saga)).toBeUndefined();
  const other = graph(1, 2_000);
  book.offer(record(other));
  expect(book.refusal(sagaRef(other))).toContain('is defined already');
});

test('a second hash of one version is refused, alone, with the way out', () => {
  const book = newBook();
  const [first, second] = [graph(1), graph(1, 2_000)];
  book.offer(record(first));
  expect(book.offer(record(second))).toBeUndefined();
  expect(book.refused).toEqual([
    {
      saga: sagaRef(second),
      reason: `place-order@1 is defined already, as ${sagaRef(first)}. A changed definition needs a new version number`,
    },
  ]);
  expect(book.offer(record(graph(2)))).toBeDefined();
});

test.each([
  ['no JSON', '{'],
  ['no object', '7'],
  ['steps that are none', '{"name":"a","version":1,"hash":"aaaaaaaa","timeoutMs":1,"steps":7}'],
])('garbage is refused: %s', (_what, value) => {
  const book = newBook();
  expect(book.offer(record(graph(1), value))).toBeUndefined();
  expect(book.refused[0]?.reason).toContain(sagaRef(graph(1)));
});

test('more definitions than the limit are refused, by its name', () => {
  const book = newBook(1);
  book.offer(record(graph(1)));
  book.offer(record(graph(2)));
  expect(book.refused[0]?.reason).toContain('definitionsMax');
});

test('a refusal that there is no room for is in the log all the same', () => {
  const logged: unknown[] = [];
  const logger = { ...silentLogger, error: (_: string, fields?: LogFields) => logged.push(fields) };
  const book = new DefinitionBook(1, logger);
  for (const saga of ['a@1#aaaaaaaa', 'b@1#bbbbbbbb']) book.refuse(saga, 'topics are missing');
  expect(book.refused).toHaveLength(1);
  expect(logged).toMatchObject([{ saga: 'a@1#aaaaaaaa' }, { saga: 'b@1#bbbbbbbb' }]);
});

test('an unstamped start begins the newest version', () => {
  const book = newBook();
  for (const definition of [graph(1), graph(3), graph(2)]) {
    book.offer(record(definition));
    book.admit(definition);
  }
  expect(book.startedBy('shop.OrderPlaced').map(({ version }) => version)).toEqual([3]);
  expect(book.startedBy('shop.Other')).toEqual([]);
});

test('what starts a definition that is not admitted yet is known', () => {
  const book = newBook();
  const candidate = graph(1);
  expect(book.startedLater('shop.OrderPlaced')).toBeUndefined();
  book.offer(record(candidate));
  expect(book.startedLater('shop.OrderPlaced')).toBe(sagaRef(candidate));
  expect(book.startedLater('shop.Other')).toBeUndefined();
  book.admit(candidate);
  expect(book.startedLater('shop.OrderPlaced')).toBeUndefined();
});

test('the topics of a definition are those of all its events', () => {
  expect(topicsOfGraph(graph(1))).toEqual(['shop', 'stock']);
});

test('an event is awaited when a join of a definition in use needs events of its topic', () => {
  const book = newBook();
  const chain = graph(1);
  book.admit(chain);
  expect(['shop', 'stock', 'troupe.outcomes'].map((topic) => book.isAwaited(topic))).toEqual([
    false,
    false,
    false,
  ]);
  const [reserve] = chain.steps;
  if (reserve === undefined) throw new Error('a graph without steps');
  const join = {
    ...reserve,
    name: 'ship',
    shape: 'named',
    dependencies: ['order', 'stock'].map((name) => ({
      name,
      step: name === 'stock' ? 'reserve-stock' : undefined,
      outcome: 'succeeded' as const,
      required: true,
    })),
    emits: event('shipping.OrderShipped'),
  } as const;
  book.admit({ ...graph(2), steps: [reserve, join] });
  expect(
    ['shop', 'stock', 'shipping', 'troupe.outcomes'].map((topic) => book.isAwaited(topic)),
  ).toEqual([true, true, false, true]);
});
