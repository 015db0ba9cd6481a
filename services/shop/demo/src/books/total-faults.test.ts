import { describe, expect, test } from 'vitest';
import { totalFaults } from './total-faults.ts';

const mask = {
  sku: 'mask',
  opening: 10,
  onHand: 7,
  reserved: 2,
  held: 2,
  consumed: 3,
  released: 9,
};
const totals = {
  stock: [mask],
  accountsCents: new Map([
    ['customers', -700],
    ['shop', 700],
  ]),
  chargedCents: 1_000,
  refundedCents: 300,
};

describe('totalFaults', () => {
  test('finds nothing in books that balance', () => {
    expect(totalFaults(totals)).toEqual([]);
  });

  test.each([
    [{ ...mask, onHand: 6 }, 'mask: 10 at first, 3 left the house, and 6 are on the shelf'],
    [{ ...mask, held: 1 }, 'mask: 2 are put aside, and the reservations hold 1'],
  ])('finds stock that does not add up: %#', (stock, fault) => {
    expect(totalFaults({ ...totals, stock: [stock] })).toEqual([fault]);
  });

  test('finds money that came from nowhere', () => {
    const accountsCents = new Map([
      ['customers', -700],
      ['shop', 900],
    ]);
    expect(totalFaults({ ...totals, accountsCents })).toEqual([
      'the accounts add up to €2.00, not to nothing',
      'the shop has €9.00, and charges less refunds are €7.00',
    ]);
  });
});
