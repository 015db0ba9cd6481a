import type { TroupeTypeError } from '../errors/type-error.ts';
import type { FieldNode } from './schema/schema-node.ts';

/** One field: what a reader gets, and what a writer gives (undefined in it: may be left out). */
export interface Field<out Read = unknown, out Write = unknown> {
  // Types in an object: as two optional members they would lose their undefined without exactOptionalPropertyTypes.
  readonly '~field': Omit<FieldNode, 'name'> & {
    readonly types?: { readonly read: Read; readonly write: Write };
  };
  /** Kept in the schema. */
  doc(text: string): Field<Read, Write>;
}

/** A field with a default: whole, no part of an array or a map. */
export interface FieldWithDefault<out Read = unknown, out Write = unknown>
  extends Field<Read, Write> {
  readonly '~part'?: TroupeTypeError<'a default belongs to a field: inside t.array and t.map, use .nullable() for what may be missing'>;
  doc(text: string): FieldWithDefault<Read, Write>;
}

/** What `t.array` and `t.map` can hold. */
export interface PartType<out Read = unknown, out Write = Read> extends Field<Read, Write> {
  readonly '~part'?: 'fits';
  doc(text: string): PartType<Read, Write>;
}

/** May be null. */
export interface NullableType<out Read = unknown, out Write = Read> extends PartType<Read, Write> {
  /** May be left out when writing; readers then get null. The same as `.optional()`. */
  default(value: null): FieldWithDefault<Read, Write | undefined>;
  doc(text: string): NullableType<Read, Write>;
}

/** An Avro type: a field by itself, or a part of `t.array`, `t.map`, `t.record`. */
export interface AvroType<out Read = unknown, out Write = Read> extends PartType<Read, Write> {
  /** May be left out when writing; readers then get `value`. */
  default(value: Write): FieldWithDefault<Read, Write | undefined>;
  /** May be left out when writing; readers then get null. Avro: `["null", T]`, default null. */
  optional(): FieldWithDefault<Read | null, Write | null | undefined>;
  /** Must be written, as a value or as null. Avro: `["null", T]`. */
  nullable(): NullableType<Read | null, Write | null>;
  /** This field holds the saga id, which is the event's Kafka key. Text only, one an event. */
  key(this: AvroType<string>): KeyField<Read, Write>;
  /** Kept in the schema. */
  doc(text: string): AvroType<Read, Write>;
}

/** The field that holds the saga id. */
export interface KeyField<out Read = unknown, out Write = Read> extends Field<Read, Write> {
  readonly '~key': true;
  doc(text: string): KeyField<Read, Write>;
}

export interface Fields {
  readonly [name: string]: Field;
}

type ReadOf<F extends Field> = NonNullable<F['~field']['types']>['read'];
type WriteOf<F extends Field> = NonNullable<F['~field']['types']>['write'];
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: undefined extends WriteOf<F[K]> ? K : never;
}[keyof F];
type Flat<T> = { [K in keyof T]: T[K] } & {};
// `K extends keyof F` keeps the mapping homomorphic: "go to definition" on a payload's property finds its field.
type WritePart<F extends Fields, K extends keyof F> = { readonly [P in K]: WriteOf<F[P]> };

/** What a reader gets: every field is there. */
export type ReadFields<F extends Fields> = { readonly [K in keyof F]: ReadOf<F[K]> } & {};

/** What a writer gives: fields with a default may be left out. */
export type WriteFields<F extends Fields> = Flat<
  WritePart<F, Exclude<keyof F, OptionalKeys<F>>> & Partial<WritePart<F, OptionalKeys<F>>>
>;

/** Resolves to an error that says so when no field is the key. */
export type NeedsKey<F extends Fields> = true extends {
  [K in keyof F]: F[K] extends KeyField ? true : false;
}[keyof F]
  ? unknown
  : TroupeTypeError<'no field holds the saga id: mark one with .key(), as in { orderId: t.string().key() }'>;
