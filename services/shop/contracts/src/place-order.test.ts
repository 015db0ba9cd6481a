import { criticalPath, toGraph, toMermaid } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import { placeOrder } from './place-order.ts';

describe('place-order', () => {
  const graph = toGraph(placeOrder);

  test('stock and payment run in parallel, shipping waits for both', () => {
    const needs = graph.steps.map(({ name, dependencies }) => [
      name,
      dependencies.map(({ step }) => step ?? 'the start').sort(),
    ]);
    expect(Object.fromEntries(needs)).toEqual({
      'reserve-stock': ['the start'],
      'charge-payment': ['the start'],
      'ship-order': ['charge-payment', 'reserve-stock', 'the start'],
      'notify-customer': ['ship-order'],
    });
  });

  test('whatever comes before the parcel can be undone, and nothing after it', () => {
    const pivot = graph.steps.find((step) => step.pivot);
    expect(pivot?.name).toBe('ship-order');
    const undone = graph.steps.filter(({ compensates }) => compensates !== undefined);
    expect(undone.map(({ name }) => name).sort()).toEqual(['charge-payment', 'reserve-stock']);
  });

  test('every event travels on a topic of the shop', () => {
    const topics = graph.steps.flatMap(({ emits, rejects, compensates }) =>
      [emits, rejects, compensates].map((event) => event?.topic),
    );
    expect(new Set(topics.filter((topic) => topic !== undefined))).toEqual(
      new Set(['shop.stock', 'shop.payment', 'shop.shipping', 'shop.orders']),
    );
  });

  test('it can be drawn', () => {
    expect(toMermaid(placeOrder)).toContain('ship-order');
    expect(criticalPath(graph).steps.at(-1)).toBe('notify-customer');
  });
});
