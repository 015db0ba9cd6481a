import { describe, expect, test } from 'vitest';
import { expectedEnd } from './expected-end.ts';

const line = { sku: 'prop-sword', quantity: 1, unitCents: 2740 };
const fine = {
  customer: { name: 'Ira Aldridge', email: 'ira@theatre.example' },
  lines: [line],
  cardToken: 'card-approved',
  shipTo: { street: 'Main Road 3', postcode: '1', city: 'London', country: 'GB' },
};
const lines = (...skus: [sku: string, quantity: number][]) =>
  skus.map(([sku, quantity]) => ({ ...line, sku, quantity }));
const toIceland = { ...fine.shipTo, country: 'IS' };
const compensated = (...reasons: string[]) => ({ kind: 'compensated', reasons });

describe('expectedEnd', () => {
  test.each([
    ['nothing is wrong', fine, { kind: 'completed' }],
    ['the card is slow', { ...fine, cardToken: 'card-slow' }, { kind: 'completed' }],
    ['the card fails at first', { ...fine, cardToken: 'card-flaky' }, { kind: 'completed' }],
    ['a SKU is unknown', { ...fine, lines: lines(['moon', 1]) }, compensated('unknown-sku')],
    [
      'a SKU is sold out',
      { ...fine, lines: [line, ...lines(['signed-poster', 1])] },
      compensated('too-little-stock'),
    ],
    [
      'two lines together ask for more than there is',
      { ...fine, lines: lines(['ghost-light', 2], ['ghost-light', 2]) },
      compensated('too-little-stock'),
    ],
    [
      'the card is declined',
      { ...fine, cardToken: 'card-no-funds' },
      compensated('insufficient-funds'),
    ],
    ['the card expired', { ...fine, cardToken: 'card-expired' }, compensated('card-expired')],
    ['nobody goes there', { ...fine, shipTo: toIceland }, compensated('address-not-served')],
    [
      'stock and card fail, whichever comes first',
      { ...fine, lines: lines(['moon', 1]), cardToken: 'card-expired' },
      compensated('unknown-sku', 'card-expired'),
    ],
    [
      'shipping is not asked when the card is declined',
      { ...fine, cardToken: 'card-expired', shipTo: toIceland },
      compensated('card-expired'),
    ],
  ])('%s', (_, order, end) => {
    expect(expectedEnd(order)).toEqual(end);
  });
});
