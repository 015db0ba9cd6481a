import { defineEvent, type Fields, t } from '@troupe/core';

const orderId = t.string().key();

export class Misspelt extends defineEvent('s.E', {
  // @ts-expect-error
  // Property 'strng' does not exist on type 'FieldTypes'. Did you mean 'string'?
  orderId: t.strng(),
  n: t.int(),
}) {}

export class Literal extends defineEvent('s.E', {
  orderId,
  // @ts-expect-error
  // Type 'string' is not assignable to type 'Field<unknown, unknown>'.
  n: 'int',
}) {}

// @ts-expect-error
// TroupeTypeError<"no field holds the saga id: mark one with .key(), as in { orderId: t.string().key() }">
export class Keyless extends defineEvent('s.E', { orderId: t.string(), n: t.int() }) {}

// @ts-expect-error
// Argument of type '"OrderPlaced"' is not assignable to parameter of type
// TroupeTypeError<"'OrderPlaced' has no namespace: write 'shop.OrderPlaced', the part before the last dot is the topic">
export class NoNamespace extends defineEvent('OrderPlaced', { orderId }) {}

// @ts-expect-error
// The 'this' context of type 'AvroType<number, number>' is not assignable to method's 'this' of type 'AvroType<string, string>'.
export class NumberAsKey extends defineEvent('s.E', { n: t.int().key() }) {}

// @ts-expect-error
// Property 'optional' does not exist on type 'KeyField<string, string>'.
export const optionalKey: Fields = { orderId: t.string().key().optional() };

// @ts-expect-error
// Argument of type 'string' is not assignable to parameter of type 'readonly string[]'.
export class SymbolsApart extends defineEvent('s.E', { orderId, c: t.enum('C', 'EUR') }) {}

export class DefaultOfAnItem extends defineEvent('s.E', {
  orderId,
  // @ts-expect-error
  // TroupeTypeError<"a default belongs to a field: inside t.array and t.map, use .nullable() for what may be missing">
  tags: t.array(t.string().default('x')),
}) {}

export class OptionalItem extends defineEvent('s.E', {
  orderId,
  // @ts-expect-error
  // TroupeTypeError<"a default belongs to a field: inside t.array and t.map, use .nullable() for what may be missing">
  byName: t.map(t.string().optional()),
}) {}

// @ts-expect-error
// Argument of type 'string' is not assignable to parameter of type 'number'.
export class WrongDefault extends defineEvent('s.E', { orderId, n: t.int().default('1') }) {}

export class MillisAsDefault extends defineEvent('s.E', {
  orderId,
  // @ts-expect-error
  // Argument of type 'number' is not assignable to parameter of type 'Date'.
  at: t.timestamp().default(0),
}) {}

export class NullableDefault extends defineEvent('s.E', {
  orderId,
  // @ts-expect-error
  // Argument of type '5' is not assignable to parameter of type 'null'.
  n: t.int().nullable().default(5),
}) {}

// @ts-expect-error
// Property 'nullable' does not exist on type 'NullableType<number | null, number | null>'.
export const twice: Fields = { n: t.int().nullable().nullable() };

// @ts-expect-error
// Property 'quantty' does not exist
export const misspeltDefault = t.record('L', { quantity: t.int() }).default({ quantty: 1 }).quantty;

// @ts-expect-error
// Expected 2 arguments, but got 1.
export const noScale: Fields = { price: t.decimal(5) };

export class NotCalled extends defineEvent('s.E', {
  orderId,
  // @ts-expect-error
  // Type '() => AvroType<Date, Date>' is not assignable to type 'Field<unknown, unknown>'.
  at: t.timestamp,
}) {}

export class ObjectAsType extends defineEvent('s.E', {
  orderId,
  // @ts-expect-error
  // Object literal may only specify known properties, and 'sku' does not exist in type 'PartType<unknown, unknown>'.
  lines: t.array({ sku: t.string() }),
}) {}

// @ts-expect-error
// 'topc' does not exist in type 'EventOptions'. Did you mean to write 'topic'?
export class MisspeltOption extends defineEvent('s.E', { orderId }, { topc: 'x' }) {}

class Ok extends defineEvent('s.Ok', {
  orderId,
  at: t.timestamp(),
  note: t.string().optional(),
  n: t.int().default(1),
  lines: t.array(t.record('Line', { sku: t.string() })).default([]),
}) {}
const at = new Date(0);

// @ts-expect-error
// 'nte' does not exist in type
// Did you mean to write 'note'?
new Ok({ orderId: '1', at, nte: 'x' });

// @ts-expect-error
// Property 'at' is missing in type '{ orderId: string; }' but required in type
new Ok({ orderId: '1' });

// @ts-expect-error
// Type 'string' is not assignable to type 'Date'.
new Ok({ orderId: '1', at: '2026-01-01' });

// @ts-expect-error
// Property 'sku' is missing in type '{}' but required in type '{ readonly sku: string; }'.
new Ok({ orderId: '1', at, lines: [{}] });

// @ts-expect-error
// Value of type 'typeof Ok' is not callable. Did you mean to include 'new'?
Ok({ orderId: '1', at });

// @ts-expect-error
// Cannot assign to 'orderId' because it is a read-only property.
new Ok({ orderId: '1', at }).orderId = '2';

// @ts-expect-error
// Property 'push' does not exist on type 'readonly { readonly sku: string; }[]'.
new Ok({ orderId: '1', at }).lines.push({ sku: 'x' });

// @ts-expect-error
// Type 'string' is not assignable to type 'number'.
export const wrong: number = new Ok({ orderId: '1', at }).orderId;
