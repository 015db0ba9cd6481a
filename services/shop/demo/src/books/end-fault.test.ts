import { describe, expect, test } from 'vitest';
import { endFault } from './audit.ts';

const fine = {
  customer: { name: 'Ira Aldridge', email: 'ira@theatre.example' },
  lines: [{ sku: 'prop-sword', quantity: 1, unitCents: 2740 }],
  cardToken: 'card-approved',
  shipTo: { street: 'Main Road 3', postcode: '1', city: 'London', country: 'GB' },
};
const expired = { ...fine, cardToken: 'card-expired' };

describe('endFault', () => {
  test.each([
    [fine, 'completed', [], undefined],
    [expired, 'compensated', ['card-expired'], undefined],
    [fine, 'open', [], 'is lost: it never ended'],
    [fine, 'stuck', [], 'is stuck, and had to be completed'],
    [
      fine,
      'compensated',
      ['timed-out: charge-payment'],
      'is compensated (timed-out: charge-payment), and had to be completed',
    ],
    [expired, 'completed', [], 'is completed, and had to be compensated'],
    [
      expired,
      'compensated',
      [],
      'is compensated without a reason, and the reason had to be card-expired',
    ],
    [
      expired,
      'compensated',
      ['failed: charge-payment'],
      'is compensated (failed: charge-payment), and the reason had to be card-expired',
    ],
  ] as const)('%#', (order, end, reasons, fault) => {
    expect(endFault(order, end, reasons)).toBe(fault);
  });

  test('where services may be away for long, a time limit is reason enough to be compensated', () => {
    const timedOut = ['timed-out: charge-payment'];
    expect(endFault(fine, 'compensated', timedOut, true)).toBeUndefined();
    expect(endFault(expired, 'compensated', ['saga-timed-out'], true)).toBeUndefined();
    expect(endFault(fine, 'open', timedOut, true)).toMatch(/is lost/);
    expect(endFault(fine, 'compensated', ['failed: charge-payment'], true)).toMatch(/had to be/);
  });
});
