import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLogger, systemClock } from '@troupe/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '../books/audit.ts';
import { OrderEnds } from '../observer/order-ends.ts';
import { expectedEnd } from '../orders/expected-end.ts';
import { orderSeries } from '../orders/order-series.ts';
import { noProgress } from '../output/progress.ts';
import { runDemo } from '../run-demo.ts';
import { isGood, type Summary } from '../summary.ts';
import { openShopInOneProcess } from './in-one-process.ts';
import type { Shop } from './shop.ts';

const orders = 200;
const seed = 3;
let folder = '';
let shop: Shop;
let summary: Summary;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-shop-'));
  shop = await openShopInOneProcess(folder, silentLogger);
  const { signal } = new AbortController();
  const options = { orders, seed };
  summary = await runDemo({ options, shop, progress: noProgress, clock: systemClock, signal });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const series = orderSeries({ seed, count: orders, prefix: 'order' });
const expectedEnds = Array.from({ length: orders }, (_, index) => expectedEnd(series.at(index)));

describe('200 orders in one process', () => {
  test('each ends as its data says, and the books balance', () => {
    expect(summary.audit.faults.shown).toEqual([]);
    expect(isGood(summary)).toBe(true);
    const completed = expectedEnds.filter(({ kind }) => kind === 'completed').length;
    const { stuck, lost } = summary;
    expect({ completed: summary.completed, compensated: summary.compensated, stuck, lost }).toEqual(
      { completed, compensated: orders - completed, stuck: 0, lost: 0 },
    );
  });

  test('the till holds what the completed orders cost', () => {
    const due = expectedEnds.reduce((sum, { kind }, index) => {
      if (kind !== 'completed') return sum;
      const { lines } = series.at(index);
      return sum + lines.reduce((total, line) => total + line.quantity * line.unitCents, 0);
    }, 0);
    expect(summary.audit.totals.accountsCents.get('shop')).toBe(due);
  });

  test('the reasons are those of the data, and there is one for each compensated order', () => {
    const reasons = expectedEnds.flatMap((end) => (end.kind === 'completed' ? [] : end.reasons));
    const seen = summary.reasons.flatMap(([reason]) => reason.split(' and '));
    expect(new Set(seen)).toEqual(new Set(reasons));
    const counted = summary.reasons.reduce((sum, [, count]) => sum + count, 0);
    expect(counted).toBe(summary.compensated);
  });

  test('the story of an order that nobody ships is told from its start to its end', () => {
    const told = summary.story?.lines.map(({ who, what }) => `${who}: ${what}`) ?? [];
    expect(told[0]).toBe('order: OrderPlaced');
    expect(told.slice(1, 3).sort()).toEqual([
      'inventory: StockReserved',
      'payment: PaymentCharged',
    ]);
    expect(told.slice(3, 6)).toEqual([
      'coordinator: StepRequested',
      'shipping: ShipmentRefused',
      'coordinator: CompensationRequested',
    ]);
    expect(told.slice(6, 8).sort()).toEqual([
      'inventory: StockReleased',
      'payment: PaymentRefunded',
    ]);
    expect(told.slice(8)).toEqual(['coordinator: compensated']);
  });

  test('durations are measured', () => {
    const { chainMsP50, chainMsP99, durationMs } = summary;
    expect(chainMsP50).toBeGreaterThan(0);
    expect(chainMsP99).toBeGreaterThanOrEqual(chainMsP50);
    expect(durationMs).toBeGreaterThanOrEqual(chainMsP99);
  });

  test('a book that somebody tampered with is found out, by the order', () => {
    const ends = new OrderEnds(orders);
    const index = expectedEnds.findIndex(({ kind }) => kind === 'completed');
    for (const [index, { kind }] of expectedEnds.entries()) {
      ends.place(index, 0);
      ends.setEnd(index, kind, 1);
    }
    for (const [index, end] of expectedEnds.entries()) {
      if (end.kind === 'compensated') ends.addReason(index, end.reasons[0] ?? '');
    }
    const { databases } = shop;
    const found = () => audit({ databases, series, ends, alone: true }).faults.shown;
    expect(found()).toEqual([]);
    const { orderId } = series.at(index);
    const payment = new DatabaseSync(databases.payment);
    payment.prepare('UPDATE charges SET refunded = 1 WHERE order_id = ?').run(orderId);
    payment.prepare("INSERT INTO charges (order_id, cents) VALUES ('stranger', 0)").run();
    payment.close();
    expect(found()).toEqual([
      `${orderId} (completed): it was shipped, and its charge refunded`,
      'stranger: nobody placed it',
      expect.stringMatching(/^the shop has .*, and charges less refunds are /),
    ]);
  });
});
