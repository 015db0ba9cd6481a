import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { placeOrder } from '@shop/contracts';
import { orderAt, shopGroups } from '@shop/demo';
import { createInventoryService } from '@shop/inventory';
import { toOrderPlaced } from '@shop/order';
import { createPaymentService } from '@shop/payment';
import { createService, type Service } from '@troupe/core';
import type { ServerProcess } from '@troupe/infra';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Installation } from '../e2e/installation.ts';
import { RawLog } from '../e2e/raw-log.ts';
import { hasBeenKilled, startDoomed } from './doomed-process.ts';

const patience = { timeout: 60_000, interval: 20 };

let installation: Installation;
let customers: Service;
let log: RawLog;

beforeAll(async () => {
  installation = await Installation.open({ sagas: [placeOrder], groups: shopGroups });
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

  /** How often the order with the most effects has had one, over all databases. */
  function effectsOfOneOrderMax(): number {
    const counts = new Map<string, number>();
    for (const file of new Set([path('survivor'), path('doomed')])) {
      const database = new DatabaseSync(file, { readOnly: true });
      for (const row of database.prepare(select).all()) {
        const orderId = String(row['order_id']);
        counts.set(orderId, (counts.get(orderId) ?? 0) + 1);
      }
      database.close();
    }
    return Math.max(0, ...counts.values());
  }

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
    let placed = 0;
    // Until it has come to one: the group may not have given it any partition yet.
    await vi.waitFor(async () => {
      const order = orderAt(7, placed, `twice-${service}`);
      placed += 1;
      await customers.publish(toOrderPlaced(order, order.orderId, new Date()));
      expect(doomed.hasEnded()).toBe(true);
    }, patience);
    await hasBeenKilled(doomed, service, 'sent');
    const books = new DatabaseSync(path('survivor'), { readOnly: true });
    const inbox = books.prepare('SELECT count(*) AS n FROM troupe_inbox WHERE effect_id LIKE ?');
    // Each order has come to the survivor: what the other one had done as well.
    await vi.waitFor(() => {
      expect(Number(inbox.get(`place-order/%/twice-${service}-%`)?.['n'])).toBe(placed);
    }, patience);
    books.close();
    expect(effectsOfOneOrderMax()).toBe(shared ? 1 : 2);
  });
});
