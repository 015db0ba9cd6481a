import type { AvroType, Fields, PartType, ReadFields, WriteFields } from './field.ts';
import { FieldBuilder, fieldNodes, invalid, partNode } from './field-builder.ts';

/** Documentation of a named type. */
export interface NamedTypeOptions {
  /** Kept in the schema. */
  readonly doc?: string | undefined;
}

/** Avro types with their TypeScript types; what they make is plain Avro JSON. */
export interface FieldTypes {
  string(): AvroType<string>;
  boolean(): AvroType<boolean>;
  /** 32 bits. */
  int(): AvroType<number>;
  /** 64 bits on the wire; here a number, so up to 2^53 - 1. */
  long(): AvroType<number>;
  /** 32 bits, finite. An event has the rounded value from the start. */
  float(): AvroType<number>;
  /** 64 bits, finite. */
  double(): AvroType<number>;
  /** Copied when an event is made. */
  bytes(): AvroType<Uint8Array>;
  /** As text. */
  uuid(): AvroType<string>;
  /** A point in time, to the millisecond. Avro: long, timestamp-millis. */
  timestamp(): AvroType<Date>;
  /** A calendar day, '2026-11-21'. Avro: int, date. */
  date(): AvroType<string>;
  /** An exact number as text, '12.50': `precision` digits, `scale` of them after the point. Avro: bytes, decimal. */
  decimal(precision: number, scale: number): AvroType<string>;
  /** A name without dots takes the event's namespace. */
  enum<const S extends string>(
    name: string,
    symbols: readonly S[],
    options?: NamedTypeOptions,
  ): AvroType<S>;
  array<R, W>(items: PartType<R, W>): AvroType<readonly R[], readonly W[]>;
  /** A plain object with any keys. */
  map<R, W>(
    values: PartType<R, W>,
  ): AvroType<{ readonly [key: string]: R }, { readonly [key: string]: W }>;
  /** A name without dots takes the event's namespace. May be used in many places: Avro sees one type. */
  record<F extends Fields>(
    name: string,
    fields: F,
    options?: NamedTypeOptions,
  ): AvroType<ReadFields<F>, WriteFields<F>>;
}

/**
 * The types of an event's fields.
 *
 * @example
 * defineEvent('shop.OrderPlaced', { orderId: t.string().key(), total: t.decimal(12, 2), note: t.string().optional() })
 */
export const t: FieldTypes = {
  string: () => new FieldBuilder({ kind: 'string' }),
  boolean: () => new FieldBuilder({ kind: 'boolean' }),
  int: () => new FieldBuilder({ kind: 'int' }),
  long: () => new FieldBuilder({ kind: 'long' }),
  float: () => new FieldBuilder({ kind: 'float' }),
  double: () => new FieldBuilder({ kind: 'double' }),
  bytes: () => new FieldBuilder({ kind: 'bytes' }),
  uuid: () => new FieldBuilder({ kind: 'uuid' }),
  timestamp: () => new FieldBuilder({ kind: 'timestamp' }),
  date: () => new FieldBuilder({ kind: 'date' }),
  decimal: (precision, scale) => new FieldBuilder({ kind: 'decimal', precision, scale }),
  enum: (name, symbols, { doc } = {}) =>
    new FieldBuilder(
      typeof name === 'string' && Array.isArray(symbols)
        ? { kind: 'enum', name, symbols: [...symbols], doc }
        : invalid("an enum is written as t.enum('Currency', ['EUR', 'USD'])"),
    ),
  array: (items) => new FieldBuilder({ kind: 'array', items: partNode(items, 't.array') }),
  map: (values) => new FieldBuilder({ kind: 'map', values: partNode(values, 't.map') }),
  record: (name, fields, { doc } = {}) =>
    new FieldBuilder(
      typeof name === 'string' && typeof fields === 'object' && fields !== null
        ? { kind: 'record', name, fields: fieldNodes(fields), doc }
        : invalid("a record is written as t.record('Line', { sku: t.string() })"),
    ),
};
