import { describe, expect, test } from 'vitest';
import { expectedEnd } from './expected-end.ts';
import { orderSeries, tellingOrders } from './order-series.ts';

const series = orderSeries({ seed: 1, count: 100, prefix: 'order' });

describe('orderSeries', () => {
  test('knows the index of its own orders and of no other', () => {
    expect(series.indexOf(series.at(42).orderId)).toBe(42);
    for (const id of ['order-0', 'order-101', 'order-01', 'order-', 'other-1', 'order-1x']) {
      expect(series.indexOf(id)).toBeUndefined();
    }
  });
});

describe('tellingOrders', () => {
  test('finds an order that completes, and one that is refused at the door', () => {
    const { completed = Number.NaN, compensated = Number.NaN } = tellingOrders(series);
    expect(expectedEnd(series.at(completed))).toEqual({ kind: 'completed' });
    const reasons = ['address-not-served'];
    expect(expectedEnd(series.at(compensated))).toEqual({ kind: 'compensated', reasons });
  });

  test('says so when there is none', () => {
    const seed = Array.from({ length: 100 }, (_, seed) => seed).find(
      (seed) =>
        expectedEnd(orderSeries({ seed, count: 1, prefix: 'o' }).at(0)).kind === 'completed',
    );
    const one = orderSeries({ seed: seed ?? 0, count: 1, prefix: 'o' });
    expect(tellingOrders(one)).toEqual({ completed: 0, compensated: undefined });
  });
});
