import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { placeOrder } from '@shop/contracts';
import { orderAt, shopGroups } from '@shop/demo';
import { createInventoryService } from '@shop/inventory';
import { toOrderPlaced } from '@shop/order';
import { createPaymentService, testCards } from '@shop/payment';
import { createService, type Service } from '@troupe/core';
import type { ServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RawLog } from '../e2e/raw-log.ts';
import { KafkaAndRegistry } from '../installations/kafka-and-registry.ts';
import { hasBeenKilled, isFrozen, startDoomed } from './doomed-process.ts';

const lines = [{ sku: 'prompt-book', quantity: 1, unitCents: 9_00 }];
const patience = { timeout: 60_000, interval: 20 };

let installation: KafkaAndRegistry;
let customers: Service;
let log: RawLog;

beforeAll(async () => {
  installation = await KafkaAndRegistry.open({ sagas: [placeOrder], groups: shopGroups });
  log = await RawLog.follow(installation.brokers, ['troupe.participants']);
  customers = createService({
    ...installation.connect('customers'),
    name: 'customers',
    sagas: [placeOrder],
    handlers: [],
  });
  await customers.start();
});
afterAll(async () => {
  await log?.stop();
  await customers?.stop();
  await installation?.close();
});

const cases = [
  {
    name: 'a database each',
    shared: false,
    service: 'inventory',
    create: createInventoryService,
    select: 'SELECT order_id FROM reservations',
  },
  {
    name: 'one database',
    shared: true,
    service: 'payment',
    create: createPaymentService,
    select: 'SELECT order_id FROM charges',
  },
] as const;

/** How often the order with the most effects has had one, over all databases. */
function effectsOfOneOrderMax(files: readonly string[], select: string): number {
  const counts = new Map<string, number>();
  for (const file of new Set(files)) {
    const database = new DatabaseSync(file, { readOnly: true });
    for (const row of database.prepare(select).all()) {
      const orderId = String(row['order_id']);
      counts.set(orderId, (counts.get(orderId) ?? 0) + 1);
    }
    database.close();
  }
  return Math.max(0, ...counts.values());
}

/** Resolves when the inbox in a file has an effect of each of the orders. */
async function hasAll(file: string, prefix: string, orders: number): Promise<void> {
  const books = new DatabaseSync(file, { readOnly: true });
  const inbox = books.prepare('SELECT count(*) AS n FROM troupe_inbox WHERE effect_id LIKE ?');
  await vi.waitFor(() => {
    expect(Number(inbox.get(`place-order/%/${prefix}-%`)?.['n'])).toBe(orders);
  }, patience);
  books.close();
}

/** Places an order now and then until something has happened; returns how many. */
async function placeUntil(prefix: string, happened: () => boolean): Promise<number> {
  let placed = 0;
  await vi.waitFor(async () => {
    // Nobody refuses these.
    const order = { ...orderAt(7, placed, prefix), lines, cardToken: testCards.approved };
    placed += 1;
    await customers.publish(toOrderPlaced(order, order.orderId, new Date()));
    expect(happened()).toBe(true);
  }, patience);
  return placed;
}

describe.each(cases)('I2: two instances of a service with $name', (given) => {
  const { shared, service, create, select } = given;
  const path = (name: string) => join(installation.folder, `${shared ? service : name}.db`);
  let survivor: Service;
  let doomed: ServerProcess;

  beforeAll(async () => {
    survivor = create({
      ...installation.connect('survivor'),
      databasePath: path('survivor'),
    });
    await survivor.start();
    // It does an effect, says so, and dies before its offset is committed.
    const doom = { point: 'sent', passage: 1 } as const;
    doomed = await startDoomed(installation, service, { doom, database: path('doomed') });
  });
  afterAll(async () => {
    await survivor?.stop();
    await doomed?.kill();
  });

  const unshared = () =>
    survivor.health().problems.filter(({ code }) => code === 'effects-not-shared');

  test(`are ${shared ? 'called' : 'refused to be called'} effectively once, while nothing has gone wrong yet`, async () => {
    await vi.waitFor(() => {
      const keys = log.records.map(({ key }) => key).filter((key) => key?.startsWith(service));
      expect(new Set(keys).size).toBe(2);
    }, patience);
    if (shared) {
      await vi.waitFor(() => expect(survivor.health().effects).toBe('effectively-once'), patience);
      expect(unshared()).toEqual([]);
      return;
    }
    await vi.waitFor(() => expect(unshared()).toHaveLength(1), patience);
    expect(survivor.health()).toMatchObject({ ready: true, effects: 'at-least-once' });
    expect(unshared()[0]?.message).toMatch(
      /instance \S+ of inventory .* has another inbox.*Give every instance the same database/,
    );
  });

  test(`have an effect ${shared ? 'once' : 'twice'} when its event comes again, to the other one`, async () => {
    const prefix = `twice-${service}`;
    // The group may not have given it any partition yet.
    const placed = await placeUntil(prefix, () => doomed.hasEnded());
    await hasBeenKilled(doomed, service, 'sent');
    // Each order has come to the survivor: what the other one had done as well.
    await hasAll(path('survivor'), prefix, placed);
    const files = [path('survivor'), path('doomed')];
    expect(effectsOfOneOrderMax(files, select)).toBe(shared ? 1 : 2);
  });
});

test('I2: an instance that was frozen between looking for an effect and doing it does not do it when it wakes', async () => {
  const file = join(installation.folder, 'frozen.db');
  const survivor = createPaymentService({
    ...installation.connect('survivor'),
    databasePath: file,
  });
  await survivor.start();
  const doom = { point: 'attempt-begins', passage: 1, freezes: true } as const;
  const frozen = await startDoomed(installation, 'payment', { doom, database: file });
  try {
    let isOver = false;
    const over = isFrozen(frozen, 'attempt-begins').then(() => {
      isOver = true;
    });
    const placed = await placeUntil('frozen', () => isOver);
    await over;
    // Its session passes, and the survivor is given what it had.
    await hasAll(file, 'frozen', placed);
    frozen.resume();
  } finally {
    await frozen.stop(); // it ends what it began
    await survivor.stop();
  }
  expect(effectsOfOneOrderMax([file], 'SELECT order_id FROM charges')).toBe(1);
});
