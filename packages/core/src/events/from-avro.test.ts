import { describe, expect, test } from 'vitest';
import { DefinitionError } from '../errors/error-kinds.ts';
import { defineEvent } from './define-event.ts';
import { t } from './field-types.ts';
import { fromAvro } from './from-avro.ts';
import { schemaFingerprint, schemaText } from './schema-text.ts';

class OrderPlaced extends fromAvro(
  {
    type: 'record',
    name: 'OrderPlaced',
    namespace: 'shop.orders',
    doc: 'A customer placed an order.',
    fields: [
      { name: 'orderId', type: 'string' },
      { name: 'placedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, default: 1_000 },
      { name: 'dueOn', type: { type: 'int', logicalType: 'date' }, default: 10 },
      {
        name: 'total',
        type: { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 },
        default: '\u0004\u00e2',
      },
      { name: 'note', type: ['null', 'string'], doc: 'x', default: null },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: {
            type: 'record',
            name: 'Line',
            fields: [
              { name: 'sku', type: 'string' },
              { name: 'quantity', type: 'int', default: 1 },
            ],
          },
        },
      },
      { name: 'first', type: 'Line' },
      { name: 'second', type: ['null', 'shop.orders.Line'], default: null },
    ],
  },
  { key: 'orderId' },
) {}

const draft = { orderId: '1', lines: [{ sku: 'a' }], first: { sku: 'b', quantity: 2 } };

/** As a caller without a type checker. */
const untyped = fromAvro as (schema: unknown, options: unknown) => { avro: unknown };
const faultsOf = (fields: readonly unknown[], key = 'id', top: object = {}): readonly string[] => {
  try {
    untyped({ type: 'record', name: 'shop.E', fields, ...top }, { key });
  } catch (error) {
    if (error instanceof DefinitionError) return error.faults;
    throw error;
  }
  return [];
};
const id = { name: 'id', type: 'string' };

describe('fromAvro', () => {
  test('makes events as defineEvent does, with the defaults of the schema', () => {
    expect({ ...new OrderPlaced(draft) }).toEqual({
      orderId: '1',
      placedAt: new Date(1_000),
      dueOn: '1970-01-11',
      total: '12.50',
      note: null,
      lines: [{ sku: 'a', quantity: 1 }],
      first: { sku: 'b', quantity: 2 },
      second: null,
    });
    expect(OrderPlaced.eventName).toBe('shop.orders.OrderPlaced');
    expect(OrderPlaced.topic).toBe('shop.orders');
    expect(() => new OrderPlaced({ ...draft, orderId: '' })).toThrow(
      'orderId: expected the saga id',
    );
  });

  test('registers what it was given, attributes that it has no use for included', () => {
    const schema = {
      type: 'record',
      name: 'E',
      namespace: 'shop',
      doc: 'x',
      fields: [
        { name: 'id', type: { type: 'string', 'avro.java.string': 'String' } },
        { name: 'n', type: 'int', doc: 'y', default: 5, aliases: ['m'] },
        { name: 'e', type: { type: 'enum', name: 'X', symbols: ['A', 'B'], default: 'A' } },
        { name: 'm', type: { type: 'map', values: ['null', 'X'] } },
      ],
      aliases: ['D'],
    };
    expect(JSON.stringify(untyped(schema, { key: 'id' }).avro)).toBe(JSON.stringify(schema));
    expect(Object.isFrozen(schema.aliases)).toBe(false);
  });

  test('is the same contract as the same fields by t', () => {
    const Line = t.record('Line', { sku: t.string(), quantity: t.int().default(1) });
    const ByFields = defineEvent('shop.orders.OrderPlaced', {
      orderId: t.string().key(),
      placedAt: t.timestamp().default(new Date(1_000)),
      dueOn: t.date().default('1970-01-11'),
      total: t.decimal(5, 2).default('12.5'),
      note: t.string().optional(),
      lines: t.array(Line),
      first: Line,
      second: Line.optional(),
    });
    expect(schemaFingerprint(OrderPlaced)).toBe(schemaFingerprint(ByFields));
  });

  test('one schema has one text, in whatever order its attributes are written', () => {
    const type = { name: 'L', type: 'record', fields: [] };
    const a = untyped(
      { fields: [{ type, name: 'l' }, id], name: 'shop.E', type: 'record' },
      { key: 'id' },
    );
    const b = untyped(
      { type: 'record', namespace: 'shop', name: 'E', fields: [{ name: 'l', type: { type } }, id] },
      { key: 'id' },
    );
    expect(JSON.stringify(a.avro)).toBe(JSON.stringify(b.avro));
    expect(schemaText(OrderPlaced)).toMatch(/^\{"type":"record","name":"OrderPlaced","namespace":/);
  });

  test('is refused with all faults, the wrong key among them', () => {
    const fields = [
      { name: 'u', type: ['int', 'string'] },
      { name: 'l', type: { type: 'long', logicalType: 'timestmp' } },
      { name: 'n', type: 'int', default: 'x' },
    ];
    expect(faultsOf(fields)).toEqual([
      "u: only ['null', T] unions are supported",
      'l: logical type string "timestmp" is not supported: use uuid, timestamp-millis, date, decimal',
      'n: its default is refused: expected int (32 bits), got string "x"',
      "the key 'id' is no field of it: it has u, l, n",
    ]);
  });

  test.each<[string, unknown, string]>([
    ['null alone', 'null', 'null by itself'],
    ['a union of unions', ['null', ['null', 'int']], "only ['null', T] unions"],
    ['a union the other way round', ['int', 'null'], "only ['null', T] unions"],
    [
      'fixed',
      { type: 'fixed', name: 'F', size: 4 },
      'string "fixed" is no Avro type that Troupe supports',
    ],
    [
      'micros',
      { type: 'long', logicalType: 'timestamp-micros' },
      'logical type string "timestamp-micros"',
    ],
    [
      'a date on a string',
      { type: 'string', logicalType: 'date' },
      "logical type 'date' stands on int",
    ],
    [
      'a decimal without precision',
      { type: 'bytes', logicalType: 'decimal' },
      'a decimal needs a precision',
    ],
    [
      'a name that comes later',
      'Later',
      "'Later' is no Avro type, and no type of that name is written before it",
    ],
    ['recursion', ['null', 'shop.E'], 'shop.E contains itself'],
    ['no items', { type: 'array' }, 'undefined is no Avro type'],
    ['no symbols', { type: 'enum', name: 'X' }, 'enum shop.X has no list of symbols'],
    ['no fields', { type: 'record', name: 'X' }, 'record shop.X has no list of fields'],
    ['no name', { type: 'record', fields: [] }, 'a record or an enum needs a name'],
    [
      'an empty namespace',
      { type: 'record', name: 'X', namespace: '', fields: [] },
      'the namespace of X',
    ],
    ['a number', 5, 'number 5 is no Avro type'],
  ])('%s', (_, type, fault) => {
    expect(faultsOf([id, { name: 'f', type }])).toEqual([expect.stringContaining(`f`)]);
    expect(faultsOf([id, { name: 'f', type }])[0]).toContain(fault);
  });

  test.each<[string, unknown, unknown, string]>([
    ['a date as text', { type: 'int', logicalType: 'date' }, '2026-01-01', 'expected days'],
    ['a union by its second branch', ['null', 'int'], 5, 'expected null (the first branch'],
    ['an unknown field', { type: 'record', name: 'R', fields: [] }, { a: 1 }, 'a: no such field'],
  ])('the default of %s is refused', (_, type, absent, fault) => {
    const [first] = faultsOf([id, { name: 'f', type, default: absent }]);
    expect(first).toContain('f: its default is refused: ');
    expect(first).toContain(fault);
  });

  test.each<[string, () => unknown, string]>([
    ['no record', () => untyped('string', { key: 'id' }), 'an event is a record, got string'],
    ['no schema', () => untyped(undefined, { key: 'id' }), 'the schema is no plain JSON'],
    ['a big number', () => untyped({ default: 5n }, { key: 'id' }), 'the schema is no plain JSON'],
  ])('%s', (_, define, fault) => {
    expect(define).toThrow(fault);
    expect(define).toThrow(DefinitionError);
  });

  test('an event needs a namespace, and a field a name', () => {
    expect(faultsOf([id], 'id', { name: 'E' })).toEqual([expect.stringContaining('no namespace')]);
    expect(faultsOf([id, { type: 'int' }])).toEqual([
      expect.stringContaining('a field needs a name and a type'),
    ]);
    expect(faultsOf([id, { name: 'n', type: 'int' }, { name: 'n', type: 'int' }])).toEqual([
      'n: there are two fields of this name',
    ]);
  });
});
