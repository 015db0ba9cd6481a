import { describe, expect, test } from 'vitest';
import { expectedEnd } from './expected-end.ts';
import { orderAt } from './generate-order.ts';

const many = Array.from({ length: 2_000 }, (_, index) => orderAt(1, index, 'order'));

describe('orderAt', () => {
  test('the same seed gives the same orders, another seed others', () => {
    const again = Array.from({ length: 2_000 }, (_, index) => orderAt(1, index, 'order'));
    expect(again).toEqual(many);
    const other = Array.from({ length: 100 }, (_, index) => orderAt(2, index, 'order'));
    expect(other).not.toEqual(many.slice(0, 100));
  });

  test('an order depends on nothing but seed and index', () => {
    expect(orderAt(1, 1_234, 'order')).toEqual(many[1_234]);
  });

  test('orders count from 1', () => {
    expect([many[0]?.orderId, many[99]?.orderId]).toEqual(['order-1', 'order-100']);
  });

  test('every end and every reason comes about, and most orders complete', () => {
    const ends = many.map(expectedEnd);
    const reasons = ends.flatMap((end) => (end.kind === 'completed' ? [] : end.reasons));
    expect(new Set(reasons)).toEqual(
      new Set([
        'unknown-sku',
        'too-little-stock',
        'insufficient-funds',
        'card-expired',
        'address-not-served',
      ]),
    );
    const completed = ends.filter(({ kind }) => kind === 'completed').length;
    expect(completed / ends.length).toBeGreaterThan(0.65);
    expect(completed / ends.length).toBeLessThan(0.85);
    expect(ends.some((end) => end.kind === 'compensated' && end.reasons.length > 1)).toBe(true);
  });

  test('cards and mail servers that trouble come about too', () => {
    const cards = new Set(many.map(({ cardToken }) => cardToken));
    expect(cards).toContain('card-slow');
    expect(cards).toContain('card-flaky');
    expect(many.some(({ customer }) => customer.email.endsWith('@greylist.example'))).toBe(true);
  });
});
