import { describe, expect, test } from 'vitest';
import { DefinitionError } from '../errors/error-kinds.ts';
import { defineEvent } from './define-event.ts';
import { t } from './field-types.ts';

const orderId = t.string().key();
const Line = t.record('Line', { sku: t.string(), quantity: t.int().default(1) });

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
