import { describe, expect, test } from 'vitest';
import { type OrderEnd, OrderEnds, percentile } from './order-ends.ts';

describe('OrderEnds', () => {
  test('counts the ends of what was placed', () => {
    const ends = new OrderEnds(4);
    for (const index of [0, 1, 2]) ends.place(index, 100);
    ends.setEnd(0, 'completed', 104);
    ends.setEnd(1, 'stuck', 105);
    expect([ends.placed, ends.count('open'), ends.count('completed'), ends.count('stuck')]).toEqual(
      [3, 1, 1, 1],
    );
  });

  test('an order that was stuck may still complete; hearing it twice changes nothing', () => {
    const ends = new OrderEnds(1);
    ends.place(0, 0);
    const setEnd = (end: OrderEnd, nowMs: number) => ends.setEnd(0, end, nowMs);
    expect(setEnd('stuck', 3)).toBe(true);
    expect([setEnd('open', 5), setEnd('completed', 9), setEnd('completed', 20)]).toEqual([
      false,
      false,
      false,
    ]);
    expect([ends.count('stuck'), ends.count('completed')]).toEqual([0, 1]);
    expect([...ends.sortedDurationsMs()]).toEqual([3]);
  });

  test('durations are those of orders that came to an end, sorted', () => {
    const ends = new OrderEnds(4);
    for (const index of [0, 1, 2, 3]) ends.place(index, 10);
    ends.setEnd(0, 'compensated', 40);
    ends.setEnd(1, 'completed', 15);
    ends.setEnd(2, 'stuck', 11);
    expect([...ends.sortedDurationsMs()]).toEqual([5, 30]);
  });

  test('reasons are kept once each, in the order in which they came', () => {
    const ends = new OrderEnds(1);
    for (const reason of ['card-expired', 'unknown-sku', 'card-expired']) ends.addReason(0, reason);
    expect(ends.reasons(0)).toEqual(['card-expired', 'unknown-sku']);
  });
});

describe('percentile', () => {
  test.each([
    [[1, 2, 3, 4], 50, 2],
    [[1, 2, 3, 4], 99, 4],
    [[1, 2, 3, 4], 100, 4],
    [[7], 50, 7],
    [[7], 0, 7],
    [[], 99, 0],
  ])('of %j at %i is %i', (values, percent, expected) => {
    expect(percentile(Float64Array.from(values), percent)).toBe(expected);
  });
});
