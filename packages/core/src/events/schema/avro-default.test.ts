import { describe, expect, test } from 'vitest';
import { fromAvroDefault, toAvroDefault } from './avro-default.ts';
import type { SchemaNode } from './schema-node.ts';

const date: SchemaNode = { kind: 'date' };
const line: SchemaNode = {
  kind: 'record',
  name: 'Line',
  fields: [
    { name: 'on', type: date, key: false },
    { name: 'price', type: { kind: 'decimal', precision: 5, scale: 2 }, key: false },
    { name: 'note', type: { kind: 'nullable', of: { kind: 'string' } }, key: false },
  ],
};

describe('defaults between JavaScript and Avro JSON', () => {
  test.each<[string, SchemaNode, unknown, unknown]>([
    ['a date is days', date, '1970-01-11', 10],
    ['a timestamp is milliseconds', { kind: 'timestamp' }, new Date(1_500), 1_500],
    ['bytes are characters', { kind: 'bytes' }, Uint8Array.of(0, 0x41, 0xff), '\u0000A\u00ff'],
    ['a decimal is bytes', { kind: 'decimal', precision: 5, scale: 2 }, '-1.50', '\u00ff\u006a'],
    ['null is null', { kind: 'nullable', of: date }, null, null],
    ['a string is a string', { kind: 'string' }, 'x', 'x'],
    ['an array holds them', { kind: 'array', items: date }, ['1970-01-02'], [1]],
    ['a map holds them', { kind: 'map', values: date }, { a: '1970-01-02' }, { a: 1 }],
    [
      'a record holds them',
      line,
      { on: '1970-01-02', price: '0.01', note: null },
      { on: 1, price: '\u0001', note: null },
    ],
  ])('%s', (_, node, value, json) => {
    expect(toAvroDefault(node, value)).toEqual(json);
    expect(fromAvroDefault(node, json)).toEqual(value);
  });

  test('inside a default, too, only null can stand for what may be null', () => {
    expect(() => toAvroDefault(line, { on: '1970-01-02', price: '0.01', note: 'x' })).toThrow(
      expect.objectContaining({ path: 'note', message: expect.stringContaining('only null') }),
    );
  });

  test.each<[SchemaNode, unknown, string]>([
    [date, '2026-01-01', 'expected days since 1970-01-01, got string "2026-01-01"'],
    [{ kind: 'timestamp' }, 1.5, 'expected milliseconds since 1970, got number 1.5'],
    [{ kind: 'bytes' }, '\u0100', 'expected text with one character'],
    [
      { kind: 'decimal', precision: 1, scale: 0 },
      '\u000a',
      'expected the bytes of a decimal(1, 0)',
    ],
    [{ kind: 'nullable', of: date }, 5, "expected null (the first branch of ['null', T])"],
  ])('%j does not take the JSON %j', (node, json, message) => {
    expect(() => fromAvroDefault(node, json)).toThrow(message);
  });
});
