import type { TroupeTypeError } from '../errors/type-error.ts';

export interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly default?: unknown;
  readonly doc?: string;
}
export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
}

interface Primitives {
  boolean: boolean;
  int: number;
  long: number;
  float: number;
  double: number;
  bytes: Uint8Array;
  string: string;
}
interface LogicalTypes {
  'timestamp-millis': { readonly on: 'long'; readonly value: Date };
  date: { readonly on: 'int'; readonly value: string };
  uuid: { readonly on: 'string'; readonly value: string };
  decimal: { readonly on: 'bytes'; readonly value: string };
}

type LastPart<S extends string> = S extends `${string}.${infer Rest}` ? LastPart<Rest> : S;
/** Every record and enum that is written out within a type. */
type NamedTypes<S> = S extends { readonly type: 'record'; readonly fields: infer F }
  ? S | (F extends readonly AvroField[] ? NamedTypes<F[number]['type']> : never)
  : S extends { readonly type: 'enum' }
    ? S
    : S extends { readonly type: 'array'; readonly items: infer I }
      ? NamedTypes<I>
      : S extends { readonly type: 'map'; readonly values: infer V }
        ? NamedTypes<V>
        : S extends readonly ['null', infer T]
          ? NamedTypes<T>
          : never;
type TypeNamed<Root, Name extends string> = Root extends { readonly fields: infer F }
  ? F extends readonly AvroField[]
    ? Extract<
        NamedTypes<F[number]['type']>,
        { readonly name: Name | LastPart<Name> | `${string}.${Name}` }
      >
    : never
  : never;

/** The value of an Avro type. W: false for what a reader gets, true for what a writer gives. */
type Value<S, W extends boolean, Root> = S extends keyof Primitives
  ? Primitives[S]
  : S extends string
    ? Value<TypeNamed<Root, S>, W, Root>
    : S extends readonly ['null', infer T]
      ? Value<T, W, Root> | null
      : S extends { readonly logicalType: infer L }
        ? L extends keyof LogicalTypes
          ? LogicalTypes[L]['value']
          : never
        : S extends {
              readonly type: 'record';
              readonly fields: infer F extends readonly AvroField[];
            }
          ? W extends true
            ? WriteAvro<F, Root>
            : ReadAvro<F, Root>
          : S extends { readonly type: 'enum'; readonly symbols: readonly (infer Y)[] }
            ? Y
            : S extends { readonly type: 'array'; readonly items: infer I }
              ? readonly Value<I, W, Root>[]
              : S extends { readonly type: 'map'; readonly values: infer V }
                ? { readonly [key: string]: Value<V, W, Root> }
                : S extends { readonly type: infer T }
                  ? Value<T, W, Root>
                  : never;

type Flat<T> = { [K in keyof T]: T[K] } & {};

/** What a reader gets: every field is there. */
export type ReadAvro<F extends readonly AvroField[], Root> = {
  readonly [K in F[number] as K['name']]: Value<K['type'], false, Root>;
} & {};

/** What a writer gives: fields with a default may be left out. */
export type WriteAvro<F extends readonly AvroField[], Root> = Flat<
  {
    readonly [K in F[number] as K extends { readonly default: unknown } ? never : K['name']]: Value<
      K['type'],
      true,
      Root
    >;
  } & {
    readonly [K in F[number] as K extends { readonly default: unknown } ? K['name'] : never]?:
      | Value<K['type'], true, Root>
      | undefined;
  }
>;

export type FullName<S extends AvroRecord> = S['name'] extends `${string}.${string}`
  ? S['name']
  : S extends { readonly namespace: infer N extends string }
    ? `${N}.${S['name']}`
    : S['name'];

/** The fields that can be the key: text that is always there. */
export type KeyName<S extends AvroRecord> = Extract<
  S['fields'][number],
  { readonly type: 'string' | { readonly type: 'string' } }
>['name'];

/** Resolves to an error that says what is not supported, and in which field. */
export type SupportedAvro<S extends AvroRecord> = [FieldFault<S['fields'], S>] extends [never]
  ? unknown
  : TroupeTypeError<FieldFault<S['fields'], S>>;

type FieldFault<F extends readonly AvroField[], Root> = {
  [I in keyof F]: TypeFault<F[I]['type'], Root> extends infer M extends string
    ? `field '${F[I]['name']}': ${M}`
    : never;
}[number];

/** A sentence for each thing in a type that is not supported; never when there is none. */
type TypeFault<S, Root> = S extends keyof Primitives
  ? never
  : S extends string
    ? string extends S
      ? 'its type is not known here: paste the schema as a literal'
      : [TypeNamed<Root, S>] extends [never]
        ? `'${S}' is no Avro type, and no type of that name is written before it`
        : never
    : S extends readonly ['null', infer T]
      ? TypeFault<T, Root>
      : S extends readonly unknown[]
        ? "only ['null', T] unions are supported"
        : S extends { readonly logicalType: infer L; readonly type: infer T }
          ? LogicalFault<L, T>
          : S extends {
                readonly type: 'record';
                readonly fields: infer F extends readonly AvroField[];
              }
            ? FieldFault<F, Root>
            : S extends { readonly type: 'enum'; readonly symbols: readonly string[] }
              ? never
              : S extends { readonly type: 'array'; readonly items: infer I }
                ? TypeFault<I, Root>
                : S extends { readonly type: 'map'; readonly values: infer V }
                  ? TypeFault<V, Root>
                  : S extends { readonly type: infer T }
                    ? T extends 'record' | 'enum' | 'array' | 'map'
                      ? `this ${T} is not complete`
                      : TypeFault<T, Root>
                    : 'this is no Avro type';

type LogicalFault<L, T> = L extends keyof LogicalTypes
  ? T extends LogicalTypes[L]['on']
    ? never
    : `logical type '${L}' stands on ${LogicalTypes[L]['on']}`
  : `logical type '${L & string}' is not supported: use timestamp-millis, date, uuid, decimal`;
