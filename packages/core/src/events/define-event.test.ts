import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { defineEvent, Event } from './define-event.ts';
import { eventClassOf, eventKeyOf } from './event.ts';
import { t } from './field-types.ts';
import { schemaFingerprint, schemaText } from './schema-text.ts';

const orderId = t.string().key();
const Line = t.record('Line', { sku: t.string(), quantity: t.int().default(1) });

class OrderPlaced extends defineEvent(
  'shop.orders.OrderPlaced',
  {
    orderId,
    placedAt: t.timestamp(),
    currency: t.enum('Currency', ['EUR', 'USD']),
    total: t.decimal(12, 2),
    note: t.string().optional().doc('From the customer.'),
    lines: t.array(Line),
    gift: Line.default({ sku: 'card' }),
    history: t.array(t.timestamp()).default([new Date(0)]),
    tags: t.map(t.bytes()).default({ a: Uint8Array.of(1) }),
    dueOn: t.date().default('1970-01-11'),
  },
  { doc: 'A customer placed an order.' },
) {
  get pieces(): number {
    return this.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  }
}
const draft = {
  orderId: '42',
  placedAt: new Date(1_000),
  currency: 'EUR' as const,
  total: '9.5',
  lines: [{ sku: 'tea' }, { sku: 'cup', quantity: 2 }],
};

describe('an event', () => {
  test('has its payload with all defaults, nested ones included', () => {
    expect({ ...new OrderPlaced(draft) }).toEqual({
      orderId: '42',
      placedAt: new Date(1_000),
      currency: 'EUR',
      total: '9.50',
      note: null,
      lines: [
        { sku: 'tea', quantity: 1 },
        { sku: 'cup', quantity: 2 },
      ],
      gift: { sku: 'card', quantity: 1 },
      history: [new Date(0)],
      tags: { a: Uint8Array.of(1) },
      dueOn: '1970-01-11',
    });
  });

  test('is an instance of its class and of Event, and knows its type, class and key', () => {
    const event = new OrderPlaced(draft);
    expect(event).toBeInstanceOf(OrderPlaced);
    expect(event).toBeInstanceOf(Event);
    expect(event['~event']).toBe('shop.orders.OrderPlaced');
    expect(eventClassOf(event)).toBe(OrderPlaced);
    expect(eventKeyOf(event)).toBe('42');
    expect(event.pieces).toBe(3);
  });

  test('spread, it is its payload and no event', () => {
    const copy = { ...new OrderPlaced(draft) };
    expect(copy).not.toBeInstanceOf(Event);
    expect('~event' in copy).toBe(false);
  });

  test('prints as its payload', () => {
    const event = new OrderPlaced(draft);
    expect(JSON.parse(JSON.stringify(event))).toMatchObject({ orderId: '42', total: '9.50' });
    expect(JSON.stringify(event)).not.toContain('~event');
    expect(inspect(event)).toMatch(/^OrderPlaced \{\s+orderId: '42',/);
    expect(inspect(OrderPlaced)).not.toContain('fields');
  });

  test('shares nothing with what it was made from, nor with other events', () => {
    const bytes = Uint8Array.of(7);
    const given = { ...draft, placedAt: new Date(5), lines: [{ sku: 'a' }], tags: { b: bytes } };
    const event = new OrderPlaced(given);
    given.placedAt.setTime(9);
    given.lines.push({ sku: 'b' });
    bytes[0] = 8;
    expect(event).toMatchObject({ placedAt: new Date(5), lines: [{ sku: 'a' }] });
    expect(event.tags['b']).toEqual(Uint8Array.of(7));

    const one = new OrderPlaced(draft);
    const two = new OrderPlaced(draft);
    one.history[0]?.setTime(99);
    expect(one.gift).not.toBe(two.gift);
    expect(two.history).toEqual([new Date(0)]);
    expect(new OrderPlaced(draft).history).toEqual([new Date(0)]);
  });

  test('can be made of decoded data without a check, as an instance of the class it is asked of', () => {
    const event = OrderPlaced.instantiate({ orderId: '1', lines: [], anything: true });
    expect(event).toBeInstanceOf(OrderPlaced);
    expect(event['~event']).toBe('shop.orders.OrderPlaced');
    expect({ ...event }).toEqual({ orderId: '1', lines: [], anything: true });
    expect(event.pieces).toBe(0);
  });
});

describe('an event class', () => {
  test('has name, topic, key and schema, none of them enumerable', () => {
    expect(OrderPlaced.eventName).toBe('shop.orders.OrderPlaced');
    expect(OrderPlaced.topic).toBe('shop.orders');
    expect(OrderPlaced.key).toBe('orderId');
    expect(Object.keys(Object.getPrototypeOf(OrderPlaced))).toEqual([]);
    const Elsewhere = defineEvent('shop.E', { orderId }, { topic: 'elsewhere' });
    expect(Elsewhere.topic).toBe('elsewhere');
    expect(Elsewhere.name).toBe('E');
  });

  test('writes plain Avro JSON, a reused record once and then by name', () => {
    const currency = { type: 'enum', name: 'Currency', symbols: ['EUR', 'USD'] };
    const timestamp = { type: 'long', logicalType: 'timestamp-millis' };
    const line = {
      type: 'record',
      name: 'Line',
      fields: [
        { name: 'sku', type: 'string' },
        { name: 'quantity', type: 'int', default: 1 },
      ],
    };
    const schema = {
      type: 'record',
      name: 'OrderPlaced',
      namespace: 'shop.orders',
      doc: 'A customer placed an order.',
      fields: [
        { name: 'orderId', type: 'string' },
        { name: 'placedAt', type: timestamp },
        { name: 'currency', type: currency },
        { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
        { name: 'note', type: ['null', 'string'], doc: 'From the customer.', default: null },
        { name: 'lines', type: { type: 'array', items: line } },
        { name: 'gift', type: 'Line', default: { sku: 'card', quantity: 1 } },
        { name: 'history', type: { type: 'array', items: timestamp }, default: [0] },
        { name: 'tags', type: { type: 'map', values: 'bytes' }, default: { a: '\u0001' } },
        { name: 'dueOn', type: { type: 'int', logicalType: 'date' }, default: 10 },
      ],
    };
    // As text, because the order of the attributes is part of it.
    expect(schemaText(OrderPlaced)).toBe(JSON.stringify(schema));
  });

  test('a type of another namespace is named in full, also within itself', () => {
    const Money = t.record('shop.common.Money', { cur: t.enum('Cur', ['EUR']), cents: t.long() });
    const E = defineEvent('shop.E', {
      orderId,
      price: Money,
      fee: Money,
      cur: t.enum('Cur', ['X']),
    });
    expect(E.avro).toMatchObject({
      namespace: 'shop',
      fields: [
        {},
        {
          type: {
            name: 'Money',
            namespace: 'shop.common',
            fields: [{ type: { type: 'enum', name: 'Cur', symbols: ['EUR'] } }, {}],
          },
        },
        { type: 'shop.common.Money' },
        { type: { type: 'enum', name: 'Cur', symbols: ['X'] } },
      ],
    });
  });

  test('the schema cannot be changed', () => {
    expect(Object.isFrozen(OrderPlaced.avro)).toBe(true);
    const fields: unknown = Reflect.get(Object(OrderPlaced.avro), 'fields');
    expect(Object.isFrozen(fields)).toBe(true);
  });

  test('the fingerprint tells two contracts of one name apart, and takes no notice of documentation', () => {
    const a = defineEvent('shop.E', { orderId, n: t.int() });
    const same = defineEvent('shop.E', { orderId, n: t.int().doc('x') }, { doc: 'y', topic: 'z' });
    const other = defineEvent('shop.E', { orderId, n: t.long() });
    expect(schemaFingerprint(a)).toMatch(/^[0-9a-f]{16}$/);
    expect(schemaFingerprint(same)).toBe(schemaFingerprint(a));
    expect(schemaFingerprint(other)).not.toBe(schemaFingerprint(a));
    expect(schemaFingerprint(class extends a {})).toBe(schemaFingerprint(a));
  });
});
