import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, silentLogger } from '@troupe/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noProgress, type Progress, type Snapshot } from './output/progress.ts';
import { runDemo } from './run-demo.ts';
import { openShopInOneProcess } from './shop/in-one-process.ts';
import type { Shop } from './shop/shop.ts';
import { isGood } from './summary.ts';

let folder = '';
let shop: Shop;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-shop-'));
  shop = await openShopInOneProcess(folder, silentLogger);
});
afterEach(async () => {
  await shop.stop();
  await shop.close();
  rmSync(folder, { recursive: true, force: true });
});

const options = { orders: 20, seed: 1 };
const { signal } = new AbortController();

test('an order that nobody hears of again is lost, and named', async () => {
  let snapshot: (() => Snapshot) | undefined;
  const progress: Progress = { ...noProgress, show: (given) => (snapshot = given) };
  let nowMs = 0;
  // Time stands still until all but one have their end, and then passes at once.
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: () => () => undefined,
    async sleep() {
      await nextTurn();
      const ends = snapshot?.().ends;
      if (ends?.placed === options.orders && ends.count('open') === 1) nowMs += 100_000;
    },
  };
  const forgetful: Shop = {
    ...shop,
    place: async (order) => {
      if (order.orderId !== 'order-5') await shop.place(order);
    },
  };
  const summary = await runDemo({ options, shop: forgetful, progress, clock, signal });
  expect(summary).toMatchObject({ orders: 20, lost: 1, stuck: 0 });
  expect(summary.audit.faults.shown).toContain('order-5 is lost: it never ended');
  expect(isGood(summary)).toBe(false);
});

test('an order that cannot be placed ends the run with its reason', async () => {
  const closed: Shop = {
    ...shop,
    place: async ({ orderId }) => {
      if (orderId === 'order-3') throw new Error('the door is closed');
    },
  };
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after: () => () => undefined,
    sleep: () => nextTurn(),
  };
  const run = runDemo({ options, shop: closed, progress: noProgress, clock, signal });
  await expect(run).rejects.toThrow('the door is closed');
});

test('a part of the shop that dies ends the run with its reason', async () => {
  const deadly: Shop = {
    ...shop,
    place: async () => undefined,
    died: Promise.reject(new Error('payment ended by itself')),
  };
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after: () => () => undefined,
    async sleep(_delayMs, given) {
      await nextTurn();
      given.throwIfAborted();
    },
  };
  const run = runDemo({ options, shop: deadly, progress: noProgress, clock, signal });
  await expect(run).rejects.toThrow('payment ended by itself');
});
