import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defineEvent } from './define-event.ts';
import { isEventKey } from './event-key.ts';
import { t } from './field-types.ts';

const Line = t.record('Line', {
  sku: t.string(),
  quantity: t.int().default(1),
  at: t.date().optional(),
});
class Made extends defineEvent('shop.Made', {
  id: t.string().key(),
  long: t.long(),
  float: t.float(),
  price: t.decimal(12, 4),
  at: t.timestamp(),
  bytes: t.bytes(),
  lines: t.array(Line),
  byName: t.map(Line.nullable()),
  note: t.string().optional(),
}) {}

const line = fc.record(
  {
    sku: fc.string(),
    quantity: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    at: fc.option(
      fc
        .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10)),
    ),
  },
  { requiredKeys: ['sku'] },
);
const draft = fc.record(
  {
    id: fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }).filter(isEventKey),
    long: fc.maxSafeInteger(),
    float: fc.float({ noNaN: true, noDefaultInfinity: true }),
    price: fc
      .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.integer({ min: 0, max: 9999 }))
      .map(([whole, part]) => `${whole}.${String(part).padStart(4, '0')}`),
    at: fc.date({ noInvalidDate: true }),
    bytes: fc.uint8Array(),
    lines: fc.array(line),
    byName: fc.dictionary(fc.string(), fc.option(line)),
    note: fc.option(fc.string()),
  },
  { requiredKeys: ['id', 'long', 'float', 'price', 'at', 'bytes', 'lines', 'byName'] },
);

test('an event made from the payload of an event is equal to it', () => {
  fc.assert(
    fc.property(draft, (given) => {
      const event = new Made(given);
      expect(new Made({ ...event })).toEqual(event);
      expect(Made.instantiate({ ...event })).toEqual(event);
    }),
  );
});

test('making an event does not change what it is made from', () => {
  fc.assert(
    fc.property(draft, (given) => {
      const before = structuredClone(given);
      new Made(given);
      expect(given).toEqual(before);
    }),
  );
});
