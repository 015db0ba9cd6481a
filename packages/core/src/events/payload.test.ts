import { describe, expect, test } from 'vitest';
import { TerminalError } from '../errors/error-kinds.ts';
import { defineEvent } from './define-event.ts';
import { t } from './field-types.ts';

const Everything = defineEvent('shop.Everything', {
  id: t.string().key(),
  int: t.int().default(0),
  long: t.long().default(0),
  float: t.float().default(0),
  double: t.double().default(0),
  bool: t.boolean().default(false),
  bytes: t.bytes().default(new Uint8Array()),
  uuid: t.uuid().default('5f2b9b6e-0c2f-4b8a-9d26-6f7a2d1c3e4f'),
  at: t.timestamp().default(new Date(0)),
  on: t.date().default('2026-01-01'),
  price: t.decimal(5, 2).default('0'),
  cur: t.enum('Cur', ['EUR', 'USD']).default('EUR'),
  tags: t.array(t.string()).default([]),
  counts: t.map(t.int()).default({}),
  lines: t.array(t.record('Line', { sku: t.string(), quantity: t.int().default(1) })).default([]),
  note: t.string().optional(),
  parent: t.record('Parent', { name: t.string() }).nullable().default(null),
});
/** As a caller without a type checker. */
const make = (fields: object) => new Everything({ id: '1', ...fields } as { id: string });

describe('a payload that fits', () => {
  test.each<[string, object]>([
    ['int', { int: -(2 ** 31) }],
    ['int', { int: 2 ** 31 - 1 }],
    ['long', { long: Number.MAX_SAFE_INTEGER }],
    ['long', { long: -Number.MAX_SAFE_INTEGER }],
    ['double', { double: Number.MIN_VALUE }],
    ['float', { float: 0.5 }],
    ['uuid in capitals', { uuid: '5F2B9B6E-0C2F-4B8A-9D26-6F7A2D1C3E4F' }],
    ['null where it may be', { note: null, parent: null }],
    ['a map with odd keys', { counts: { '': 1, 'a b': 2, toString: 3 } }],
    ['text with any characters', { note: '\u0000 \u{1f375}' }],
  ])('%s', (_, fields) => {
    expect(make(fields)).toMatchObject(fields);
  });

  test('is kept as readers get it: 32 bits of a float, all digits of a decimal, no minus zero', () => {
    const event = make({ float: 0.1, price: '7', long: -0, int: -0 });
    expect(event).toMatchObject({ float: Math.fround(0.1), price: '7.00' });
    expect(Object.is(event.long, 0) && Object.is(event.int, 0)).toBe(true);
  });

  test('undefined is left out, also for names that are not known', () => {
    expect(make({ note: undefined, nothing: undefined })).toEqual(make({}));
  });

  test('objects without a prototype and instances of a class are records', () => {
    class Row {
      readonly sku = 'a';
    }
    const bare = Object.assign(Object.create(null), { sku: 'b' });
    expect(make({ lines: [new Row(), bare] }).lines).toEqual([
      { sku: 'a', quantity: 1 },
      { sku: 'b', quantity: 1 },
    ]);
  });

  test('a map may have the key __proto__ and does no harm', () => {
    const counts = JSON.parse('{"__proto__": 1}') as Record<string, number>;
    const event = make({ counts });
    expect(Object.keys(event.counts)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(event.counts)).toBe(Object.prototype);
  });
});

describe('a payload that does not fit names path, expected type and value', () => {
  test.each<[object, string]>([
    [
      { lines: [{ sku: 'a' }, { sku: 'b', quantity: 'x' }] },
      'lines[1].quantity: expected int (32 bits), got string "x"',
    ],
    [{ int: 2 ** 31 }, 'int: expected int (32 bits), got number 2147483648'],
    [{ int: 1.5 }, 'int: expected int (32 bits), got number 1.5'],
    [{ int: '1' }, 'int: expected int (32 bits), got string "1"'],
    [
      { long: 2 ** 53 },
      'long: expected long (a whole number up to 2^53 - 1), got number 9007199254740992',
    ],
    [{ long: 5n }, 'long: expected long (a whole number up to 2^53 - 1), got bigint 5'],
    [{ float: 1e39 }, 'float: expected float (32 bits, finite), got number 1e+39'],
    [{ double: Number.NaN }, 'double: expected double (finite), got number NaN'],
    [{ bool: 0 }, 'bool: expected boolean, got number 0'],
    [{ bytes: [1] }, 'bytes: expected bytes (Uint8Array), got array of 1'],
    [{ uuid: 'x' }, 'uuid: expected uuid as text, got string "x"'],
    [{ at: '2026-01-01' }, 'at: expected timestamp (a valid Date), got string "2026-01-01"'],
    [{ at: new Date('x') }, 'at: expected timestamp (a valid Date), got an invalid Date'],
    [{ on: '2026-02-30' }, `on: expected date as text ('YYYY-MM-DD'), got string "2026-02-30"`],
    [{ on: new Date(0) }, `on: expected date as text ('YYYY-MM-DD'), got Date`],
    [{ price: '1.234' }, 'price: expected decimal(5, 2) as text, got string "1.234"'],
    [{ price: 1.5 }, 'price: expected decimal(5, 2) as text, got number 1.5'],
    [{ cur: 'GBP' }, 'cur: expected Cur (EUR | USD), got string "GBP"'],
    [{ tags: 'a' }, 'tags: expected array of string, got string "a"'],
    [{ tags: new Set(['a']) }, 'tags: expected array of string, got Set'],
    [{ tags: ['a', undefined, 'b'] }, 'tags[1]: expected string, got undefined'],
    [{ counts: new Map([['a', 1]]) }, 'counts: expected map of int (32 bits), got Map'],
    [{ counts: { 'a b': 'x' } }, 'counts["a b"]: expected int (32 bits), got string "x"'],
    [{ lines: [[]] }, 'lines[0]: expected record Line, got array of 0'],
    [{ lines: [{}] }, 'lines[0].sku: expected string, got undefined'],
    [
      { lines: [{ sku: 'a', qty: 1 }] },
      'lines[0].qty: no such field: record Line has sku, quantity',
    ],
    [{ note: 5 }, 'note: expected string or null, got number 5'],
    [{ parent: 'x' }, 'parent: expected record Parent or null, got string "x"'],
    [{ parent: { name: 5 } }, 'parent.name: expected string, got number 5'],
    [{ bool: null }, 'bool: expected boolean, got null'],
    [{ nte: 'x' }, 'nte: no such field: event shop.Everything has id, int, long,'],
    [{ note: () => 'x' }, 'note: expected string or null, got function'],
    [
      { id: '' },
      'id: expected the saga id: text of 1 to 256 bytes without control characters, got string ""',
    ],
    [{ id: 'a\nb' }, 'id: expected the saga id'],
    [{ id: 'half \ud83c' }, 'id: expected the saga id'],
    [{ id: 'é'.repeat(129) }, 'id: expected the saga id'],
    [{ id: undefined }, 'id: expected string, got undefined'],
    [{ cur: 'x'.repeat(1_000) }, `got string "${'x'.repeat(40)}..." of 1000 characters`],
  ])('%o', (fields, message) => {
    const prefix = message.startsWith('got') ? '' : 'shop.Everything: ';
    expect(() => make(fields)).toThrow(`${prefix}${message}`);
  });

  test('the longest key is allowed', () => {
    expect(make({ id: 'é'.repeat(128) }).id).toHaveLength(128);
  });

  test('the error is terminal and tells its parts apart', () => {
    let error: unknown;
    try {
      make({ lines: [{ sku: 5 }] });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({
      code: 'payload-invalid',
      retryable: false,
      details: {
        event: 'shop.Everything',
        path: 'lines[0].sku',
        expected: 'string',
        got: 'number 5',
      },
    });
  });

  test.each([undefined, null, 'x', 5])('%j is no draft', (draft) => {
    expect(() => new Everything(draft as never)).toThrow(
      'shop.Everything: expected an object with the fields of the event',
    );
  });
});

test('minus zero is zero, as a value and as a default: the JSON of a default cannot say it', () => {
  class Reading extends defineEvent('lab.Reading', {
    id: t.string().key(),
    value: t.double(),
    offset: t.float().default(-0),
  }) {}
  expect(new Reading({ id: '1', value: -0 })).toEqual(
    new Reading({ id: '1', value: 0, offset: 0 }),
  );
});
