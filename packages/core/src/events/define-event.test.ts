import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DefinitionError } from '../errors/error-kinds.ts';
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

describe('a wrong definition', () => {
  const faultsOf = (define: () => unknown): readonly string[] => {
    try {
      define();
    } catch (error) {
      if (error instanceof DefinitionError) return error.faults;
      throw error;
    }
    return [];
  };
  /** As a caller without a type checker. */
  const define = (name: unknown, fields: unknown, options?: unknown) =>
    faultsOf(() =>
      defineEvent(name as 'shop.E', fields as { id: typeof orderId }, options as object),
    );

  test('is refused with all of its faults', () => {
    const faults = define('E', {
      a: t.int().default('1' as unknown as number),
      b: t.array(t.string().doc('lost')),
      c: 'int',
      d: t.decimal(5, 6),
      e: t.enum('E', ['a-b', 'a', 'a']),
    });
    expect(faults).toEqual([
      'a: its default is refused: expected int (32 bits), got string "1"',
      'b[]: .doc() inside t.array would be lost: Avro keeps it on the field, on a record or on an enum',
      'c: a field is made by t, as t.string(), got string "int"',
      'd: decimal: the scale has to be 0 to 5 (the precision), got 6',
      "e: enum E: 'a-b' is no Avro name: letters, digits and _, not starting with a digit",
      "e: enum E has 'a' twice",
      'two different types are named E: give one of them another name',
      "the name has no namespace: write 'shop.E', the part before the last dot is the topic",
      'no field holds the saga id: mark one with .key(), as in { orderId: t.string().key() }',
    ]);
  });

  test.each<[string, unknown, Record<string, unknown>, unknown, string]>([
    ['name', 'shop.9', { orderId }, {}, "'shop.9' is no Avro name"],
    ['empty part of a name', 'shop..E', { orderId }, {}, "'shop..E' is no Avro name"],
    ['long name', `shop.${'x'.repeat(200)}`, { orderId }, {}, 'is longer than 200 characters'],
    ['topic', 'shop.E', { orderId }, { topic: 'a b' }, 'string "a b" is no Kafka topic'],
    ['topic of dots', 'shop.E', { orderId }, { topic: '..' }, 'string ".." is no Kafka topic'],
    ['field name', 'shop.E', { orderId, 'a-b': t.int() }, {}, "a-b: 'a-b' is no Avro name"],
    [
      'inherited name',
      'shop.E',
      { orderId, toString: t.int() },
      {},
      "every JavaScript object has a 'toString'",
    ],
    [
      'two keys',
      'shop.E',
      { orderId, id: orderId },
      {},
      'more than one field is the key: orderId, id',
    ],
    [
      'key of a date',
      'shop.E',
      { on: t.date().key() },
      {},
      'on: the key has to be a string or a uuid, it is date',
    ],
    [
      'key in a record',
      'shop.E',
      { orderId, l: t.record('L', { orderId }) },
      {},
      'l.orderId: .key() belongs to a field of the event itself, not of record L',
    ],
    [
      'key in an array',
      'shop.E',
      { orderId, l: t.array(orderId as never) },
      {},
      'l[]: .key() inside t.array',
    ],
    [
      'default in a map',
      'shop.E',
      { orderId, m: t.map(t.int().default(1) as never) },
      {},
      'm[key]: inside t.map nothing can be left out',
    ],
    [
      'no type',
      'shop.E',
      { orderId, m: t.array(undefined as never) },
      {},
      'm[]: t.array takes a type as t.string(), got undefined',
    ],
    [
      'type name',
      'shop.E',
      { orderId, r: t.record('string', {}) },
      {},
      "r: 'string' is a type of Avro's own",
    ],
    ['no symbols', 'shop.E', { orderId, e: t.enum('X', []) }, {}, 'e: enum X has no symbols'],
    [
      'symbols apart',
      'shop.E',
      { orderId, e: t.enum('X', 'a' as never) },
      {},
      "e: an enum is written as t.enum('Currency', ['EUR', 'USD'])",
    ],
    [
      'record without fields',
      'shop.E',
      { orderId, e: t.record('X', undefined as never) },
      {},
      "e: a record is written as t.record('Line'",
    ],
    [
      'nullable twice',
      'shop.E',
      { orderId, n: (t.int().nullable() as unknown as ReturnType<typeof t.int>).nullable() },
      {},
      'n: .nullable() stands here twice',
    ],
    [
      'default of nullable',
      'shop.E',
      {
        orderId,
        n: t
          .int()
          .nullable()
          .default(5 as never),
      },
      {},
      'n: its default is refused: Avro allows only null',
    ],
    [
      'nested default',
      'shop.E',
      { orderId, l: t.array(Line).default([{ sku: 5 as never }]) },
      {},
      'l: its default is refused: [0].sku: expected string, got number 5',
    ],
    [
      'precision',
      'shop.E',
      { orderId, d: t.decimal(1001, 0) },
      {},
      'd: decimal: the precision has to be 1 to 1000 digits, got 1001',
    ],
    [
      'the name of the event again',
      'shop.E',
      { orderId, e: t.record('E', { a: t.int() }) },
      {},
      'two different types are named shop.E',
    ],
    [
      'no name',
      undefined,
      { orderId },
      {},
      'defineEvent takes a name and fields, got undefined and object',
    ],
  ])('%s', (_, name, fields, options, fault) => {
    expect(define(name, fields, options)).toEqual([expect.stringContaining(fault)]);
  });

  test('nesting is limited', () => {
    let type: ReturnType<typeof t.array<unknown, unknown>> = t.array(t.int());
    for (let depth = 0; depth < 40; depth++) type = t.array(type);
    expect(define('shop.E', { orderId, type })).toEqual([
      expect.stringContaining('types are nested more than 32 deep'),
    ]);
  });
});
