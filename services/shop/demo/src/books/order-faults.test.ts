import { describe, expect, test } from 'vitest';
import { orderFaults } from './order-faults.ts';
import type { OrderBooks } from './shop-books.ts';

const lines = [
  { sku: 'mask', quantity: 2, unitCents: 500 },
  { sku: 'sword', quantity: 1, unitCents: 900 },
  { sku: 'mask', quantity: 1, unitCents: 500 },
];
const units = new Map([
  ['mask', 3],
  ['sword', 1],
]);
const consumed = { state: 'consumed', units };
const held = { state: 'held', units };
const released = { state: 'released', units };
const charge = { cents: 2_400, refunded: false };
const refunded = { cents: 2_400, refunded: true };

const shipped: OrderBooks = {
  reservations: [consumed],
  charges: [charge],
  shipments: 1,
  notifications: 1,
};
const undone: OrderBooks = {
  reservations: [released],
  charges: [refunded],
  shipments: 0,
  notifications: 0,
};
const nothing: OrderBooks = { reservations: [], charges: [], shipments: 0, notifications: 0 };

describe('orderFaults', () => {
  test.each([
    ['completed', shipped],
    ['compensated', undone],
    ['compensated', nothing],
    ['stuck', nothing],
    ['open', { ...nothing, reservations: [held], charges: [charge] }],
  ] as const)('finds nothing in the books of an order that is %s', (end, books) => {
    expect(orderFaults(lines, end, books)).toEqual([]);
  });

  test.each<[string, Partial<OrderBooks>]>([
    ['no stock was reserved for it', { reservations: [] }],
    ['its reservation is held, and the parcel is gone', { reservations: [held] }],
    [
      'its reservation is not what was ordered',
      { reservations: [{ ...consumed, units: new Map([['mask', 3]]) }] },
    ],
    ['it has 2 reservations', { reservations: [consumed, consumed] }],
    ['it was never charged', { charges: [] }],
    ['it was shipped, and its charge refunded', { charges: [refunded] }],
    ['it was charged €1.00 and costs €24.00', { charges: [{ cents: 100, refunded: false }] }],
    ['it has 2 charges', { charges: [charge, charge] }],
    ['no parcel was sent', { shipments: 0 }],
    ['it has 2 parcels', { shipments: 2 }],
    ['the customer was not told', { notifications: 0 }],
    ['it has 2 mails', { notifications: 2 }],
  ])('of a completed order: %s', (fault, difference) => {
    expect(orderFaults(lines, 'completed', { ...shipped, ...difference })).toEqual([fault]);
  });

  test.each<[string, Partial<OrderBooks>]>([
    ['its reservation is held, not released', { reservations: [held] }],
    ['its reservation is consumed, not released', { reservations: [consumed] }],
    ['its charge of €24.00 was not refunded', { charges: [charge] }],
    ['it has 2 charges', { charges: [refunded, refunded] }],
    ['a parcel was sent', { shipments: 1 }],
    ['the customer was told that it comes', { notifications: 1 }],
  ])('of a compensated order: %s', (fault, difference) => {
    expect(orderFaults(lines, 'compensated', { ...undone, ...difference })).toEqual([fault]);
  });

  test('doubles are found however an order ended', () => {
    const books = { ...nothing, charges: [charge, charge] };
    expect(orderFaults(lines, 'open', books)).toEqual(['it has 2 charges']);
  });
});
