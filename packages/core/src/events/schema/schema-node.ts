/**
 * A schema as a tree of plain data: what `t` builds and `fromAvro` reads. Checking, writing Avro JSON and validating
 * payloads all start from it. A named type that is used twice is in the tree twice.
 */
export type SchemaNode =
  | ScalarNode
  | DecimalNode
  | EnumNode
  | ArrayNode
  | MapNode
  | RecordNode
  | NullableNode
  | InvalidNode;

export type ScalarKind =
  | 'string'
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'bytes'
  | 'uuid'
  | 'timestamp'
  | 'date';

/** Attributes of an existing schema that Troupe has no use for, kept so that its text stays the same. */
export type ExtraAttributes = Readonly<Record<string, unknown>>;

export interface ScalarNode {
  readonly kind: ScalarKind;
  readonly extra?: ExtraAttributes | undefined;
}
export interface DecimalNode {
  readonly kind: 'decimal';
  readonly precision: number;
  readonly scale: number;
  readonly extra?: ExtraAttributes | undefined;
}
export interface EnumNode {
  readonly kind: 'enum';
  /** With dots: the full name. Without: in the namespace of the type around it. */
  readonly name: string;
  readonly symbols: readonly string[];
  readonly doc?: string | undefined;
  readonly extra?: ExtraAttributes | undefined;
}
export interface ArrayNode {
  readonly kind: 'array';
  readonly items: SchemaNode;
  readonly extra?: ExtraAttributes | undefined;
}
export interface MapNode {
  readonly kind: 'map';
  readonly values: SchemaNode;
  readonly extra?: ExtraAttributes | undefined;
}
export interface RecordNode {
  readonly kind: 'record';
  /** With dots: the full name. Without: in the namespace of the type around it. */
  readonly name: string;
  readonly fields: readonly FieldNode[];
  readonly doc?: string | undefined;
  readonly extra?: ExtraAttributes | undefined;
}
/** Avro's `["null", T]`. */
export interface NullableNode {
  readonly kind: 'nullable';
  readonly of: SchemaNode;
}
/** Stands where something cannot be a schema, until all faults are reported together. */
export interface InvalidNode {
  readonly kind: 'invalid';
  readonly fault: string;
}

export interface FieldNode {
  readonly name: string;
  readonly type: SchemaNode;
  /** Wrapped, because null is a default too. The value is as JavaScript has it: a Date, a decimal's text. */
  readonly default?: { readonly value: unknown } | undefined;
  readonly doc?: string | undefined;
  /** Holds the saga id. */
  readonly key: boolean;
  readonly extra?: ExtraAttributes | undefined;
}

/** How error messages name a type: `int (32 bits)`, `array of string`, `record Line or null`. */
export function describeType(node: SchemaNode): string {
  switch (node.kind) {
    case 'decimal':
      return `decimal(${node.precision}, ${node.scale}) as text`;
    case 'enum':
      return `${node.name} (${node.symbols.join(' | ')})`;
    case 'array':
      return `array of ${describeType(node.items)}`;
    case 'map':
      return `map of ${describeType(node.values)}`;
    case 'record':
      return `record ${node.name}`;
    case 'nullable':
      return `${describeType(node.of)} or null`;
    case 'invalid':
      return 'a type';
    default:
      return scalarDescriptions[node.kind];
  }
}

const scalarDescriptions: Readonly<Record<ScalarKind, string>> = {
  string: 'string',
  boolean: 'boolean',
  int: 'int (32 bits)',
  long: 'long (a whole number up to 2^53 - 1)',
  float: 'float (32 bits, finite)',
  double: 'double (finite)',
  bytes: 'bytes (Uint8Array)',
  uuid: 'uuid as text',
  timestamp: 'timestamp (a valid Date)',
  date: "date as text ('YYYY-MM-DD')",
};
