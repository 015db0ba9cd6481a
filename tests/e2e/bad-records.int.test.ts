import { OrderPlaced, placeOrder } from '@shop/contracts';
import { shopGroups } from '@shop/demo';
import { type Coordinator, createCoordinator } from '@troupe/coordinator';
import { createService, defineSaga, type Service, toGraph } from '@troupe/core';
import { sagaRef } from '@troupe/core/internal';
import type { IHeaders } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { OrderRun } from './order-run.ts';
import { type ForeignRecord, RawLog, type RawRecord } from './raw-log.ts';
import { SagaLives } from './saga-lives.ts';
import { type ShopServices, startShopServices } from './shop-services.ts';

let installation: KafkaAndRegistry;
let shop: ShopServices;
let coordinator: Coordinator;
let log: RawLog;
let run: OrderRun;
/** The value of an order as it should be: of `good-1`. */
let goodValue: Buffer;
const patience = { timeout: 30_000, interval: 50 };
const deadLetterTopics = shopGroups.map((group) => `${group}.dead-letter`);

beforeAll(async () => {
  installation = await KafkaAndRegistry.open({ sagas: [placeOrder], groups: shopGroups });
  shop = await startShopServices(installation);
  coordinator = createCoordinator(installation.connect('troupe-coordinator'));
  await coordinator.start();
  log = await RawLog.follow(installation.brokers, [
    ...deadLetterTopics,
    'shop.orders',
    'troupe.sagas',
  ]);
  run = await OrderRun.open({
    connection: installation.connect('observer'),
    databases: shop.databases,
    place: (order) => shop.order.place(order),
    count: 40,
    seed: 5,
    prefix: 'good',
  });
  run.place(1);
  await run.allEnded();
  await vi.waitFor(() => expect(log.of('shop.orders').length).toBeGreaterThan(0), patience);
  goodValue = log.of('shop.orders')[0]?.value ?? Buffer.alloc(0);
});

afterAll(async () => {
  await run?.close();
  await log?.stop();
  await coordinator?.stop();
  await shop?.stop();
  await installation?.close();
});

const lives = () => new SagaLives(log.of('troupe.sagas'));
const saga = sagaRef(toGraph(placeOrder));
const goodId = 'good-1';
const goodEnd = () => lives().phaseOf(goodId);
const notText = Buffer.from([0xff, 0xfe, 0x80]);

/** As a start event of `placeOrder` should have. */
const headersOf = (key: string): IHeaders => ({
  ce_specversion: '1.0',
  ce_id: `placed-${key}`,
  ce_source: 'somebody',
  ce_type: OrderPlaced.eventName,
  ce_time: new Date(0).toISOString(),
  'content-type': 'application/avro',
  ce_correlationid: key,
  ce_saga: saga,
});

/** `inventory header-invalid: header ce_id is missing ...`, of the dead letters of one record. */
async function deadLettersOf(note: string, count: number): Promise<readonly string[]> {
  const isOf = ({ headers }: RawRecord) => headers['note'] === note;
  await vi.waitFor(() => {
    expect(log.of(...deadLetterTopics).filter(isOf)).toHaveLength(count);
  }, patience);
  return log
    .of(...deadLetterTopics)
    .filter(isOf)
    .map(({ headers }) => {
      const { troupe_dead_letter_group: group, troupe_dead_letter_code: code } = headers;
      return `${group} ${code}: ${headers['troupe_dead_letter_message']}`;
    })
    .sort();
}

async function send(note: string, record: Partial<ForeignRecord>): Promise<void> {
  const { key = note, value = goodValue, headers = headersOf(note) } = record;
  await log.send({ topic: 'shop.orders', key, value, ...record, headers: { ...headers, note } });
}

/** The same order under another id, which has to be as long. */
function orderValue(key: string): Buffer {
  const value = Buffer.from(goodValue);
  const at = value.indexOf(goodId);
  expect([key.length, at >= 0]).toEqual([goodId.length, true]);
  value.set(Buffer.from(key), at);
  return value;
}

const without = (headers: IHeaders, name: string): IHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name));

describe('a record whose headers are not right', () => {
  const readers = ['inventory', 'payment', 'troupe-coordinator'];
  test.each<[note: string, record: Partial<ForeignRecord>, why: RegExp]>([
    ['no headers at all', { headers: {} }, /header ce_id is missing/],
    ['no type', { headers: without(headersOf('no type'), 'ce_type') }, /header ce_type is missing/],
    ['no key', { key: null }, /the record has no key/],
    ['a key that is no text', { key: notText }, /the key is not UTF-8 text/],
    ['another key', { key: 'x' }, /header ce_correlationid is "another key", but the key is "x"/],
    [
      'a huge id',
      { headers: { ...headersOf('a huge id'), ce_id: 'x'.repeat(100_000) } },
      /header ce_id is not UTF-8 text of 1 to 256 bytes/,
    ],
    [
      'an id that is no text',
      { headers: { ...headersOf('an id that is no text'), ce_id: notText } },
      /header ce_id is not UTF-8 text/,
    ],
    [
      'a saga that is none',
      { headers: { ...headersOf('a saga that is none'), ce_saga: 'place-order' } },
      /header ce_saga is "place-order", expected name@version#hash/,
    ],
  ])(
    '%s: is a dead letter of all who had to read it, with the reason',
    async (note, record, why) => {
      await send(note, record);
      // The coordinator cares about what claims to be part of a saga.
      const claims = 'ce_saga' in (record.headers ?? headersOf(note));
      const groups = claims ? readers : readers.slice(0, 2);
      const letters = await deadLettersOf(note, groups.length);
      expect(letters.map((letter) => letter.split(' ')[0])).toEqual(groups);
      for (const letter of letters) expect(letter).toMatch(why);
    },
  );

  test('is kept whole', async () => {
    const [letter] = log
      .of('inventory.dead-letter')
      .filter(({ headers }) => headers['note'] === 'a huge id');
    const [sent] = log.of('shop.orders').filter(({ headers }) => headers['note'] === 'a huge id');
    expect(letter?.value?.equals(goodValue)).toBe(true);
    expect(letter?.headers).toMatchObject({
      ...sent?.headers,
      troupe_dead_letter_topic: 'shop.orders',
      troupe_dead_letter_partition: String(sent?.partition),
      troupe_dead_letter_offset: String(sent?.offset),
      troupe_dead_letter_attempt: '0',
    });
  });

  test('a trace header that is none does no harm: its saga completes', async () => {
    const key = 'traced';
    const headers = { ...headersOf(key), traceparent: 'x'.repeat(20_000), tracestate: notText };
    await send(key, { value: orderValue(key), headers });
    await vi.waitFor(() => expect(lives().phaseOf(key)).toBe(goodEnd()), patience);
  });
});

describe('a record whose value cannot be read', () => {
  const unknownSchema = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
  test.each([
    ['garbage', Buffer.from('garbage'), 'poison-message'],
    ['nothing', null, 'poison-message'],
    ['truncated', 'half' as const, 'poison-message'],
    ['of a schema that nobody registered', unknownSchema, 'schema-unknown'],
  ])('%s: its saga is told, and undone', async (note, given, code) => {
    const value = given === 'half' ? goodValue.subarray(0, goodValue.length / 2) : given;
    await send(note, { value });
    const letters = await deadLettersOf(note, 2);
    expect(letters[0]).toMatch(new RegExp(`^inventory ${code}: `));
    expect(letters[1]).toMatch(new RegExp(`^payment ${code}: `));
    await vi.waitFor(() => expect(lives().phaseOf(note)).toBe('compensated'), patience);
    expect(lives().fold(note)?.doom).toMatchObject({ cause: 'failed' });
  });

  test.each([
    ['troupe.requests', 'troupe.StepRequested', /^shipping poison-message: /],
    ['troupe.outcomes', 'troupe.StepFailed', /^troupe-coordinator poison-message: /],
  ])('on %s harms nobody else', async (topic, type, letter) => {
    const note = `garbage on ${topic}`;
    const headers = { ...headersOf(note), ce_type: type, ce_step: 'ship-order' };
    await send(note, { topic, value: Buffer.from('garbage'), headers });
    const letters = await deadLettersOf(note, 1);
    expect(letters[0]).toMatch(letter);
  });
});

describe('an event of a saga version that nobody knows', () => {
  const next = defineSaga('place-order', {
    version: 2,
    startsOn: OrderPlaced,
    timeoutMs: 5 * 60_000,
    steps: placeOrder.steps,
  });
  const nextSaga = sagaRef(toGraph(next));
  const note = 'next-1';
  let later: Service | undefined;
  afterAll(() => later?.stop());

  test('waits at the services and the coordinator, who say what for; others go on', async () => {
    const headers = { ...headersOf(note), ce_saga: nextSaga };
    await send(note, { value: orderValue(note), headers });
    await vi.waitFor(() => {
      for (const part of [shop.inventory, shop.payment, coordinator]) {
        expect(part.health()).toMatchObject({
          ready: true,
          problems: [{ code: 'key-waiting', subject: nextSaga }],
        });
        expect(part.health().problems[0]?.message).toContain('start a service that was given it');
      }
    }, patience);
    run.place(10);
    await run.allEnded();
  });

  test('is run when its definition comes: nothing was lost, and nobody sends it again', async () => {
    later = createService({
      ...installation.connect('order-next'),
      name: 'order-next',
      sagas: [next],
      handlers: [],
    });
    await later.start();
    await vi.waitFor(() => expect(lives().phaseOf(note)).toBe(goodEnd()), patience);
    expect(lives().fold(note)?.saga).toBe(nextSaga);
    await deadLettersOf(note, 0);
    for (const part of [shop.inventory, shop.payment, coordinator]) {
      expect(part.health().problems).toEqual([]);
    }
  });
});

describe('after all of this', () => {
  test('every order that was good ends as its data says, and all are well', async () => {
    run.place(40);
    await run.allEnded();
    expect((await run.audit()).faults.shown).toEqual([]);
    for (const part of [...shop.all, coordinator]) {
      expect(part.health()).toMatchObject({ live: true, ready: true, problems: [] });
    }
  });
});
