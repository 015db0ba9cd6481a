import { fromAvroDefault } from './avro-default.ts';
import { fullName, namespaceOf } from './avro-name.ts';
import { describeValue, PayloadMismatch } from './payload-mismatch.ts';
import { schemaLimits } from './schema-limits.ts';
import type {
  EnumNode,
  ExtraAttributes,
  FieldNode,
  InvalidNode,
  RecordNode,
  ScalarKind,
  SchemaNode,
} from './schema-node.ts';

type Attributes = Readonly<Record<string, unknown>>;

interface Reading {
  readonly namespace: string;
  /** The named types read so far, by full name. `open`: its end is not reached yet. */
  readonly named: Map<string, SchemaNode | 'open'>;
  readonly depth: number;
}

const primitives: ReadonlySet<unknown> = new Set<ScalarKind>([
  ...(['string', 'boolean', 'int', 'long', 'float', 'double', 'bytes'] as const),
]);

/** What Troupe makes of a logical type, and the Avro type that it has to stand on. */
const logicalTypes = new Map<
  unknown,
  { readonly kind: ScalarKind | 'decimal'; readonly on: string }
>([
  ['uuid', { kind: 'uuid', on: 'string' }],
  ['timestamp-millis', { kind: 'timestamp', on: 'long' }],
  ['date', { kind: 'date', on: 'int' }],
  ['decimal', { kind: 'decimal', on: 'bytes' }],
]);

/**
 * The tree of an existing schema in plain Avro JSON. Never throws: what is not supported becomes part of the tree, for all
 * faults to be reported together. Names in the tree are full.
 */
export function readAvro(json: unknown): SchemaNode {
  return readType(json, { namespace: '', named: new Map(), depth: 1 });
}

function readType(json: unknown, reading: Reading): SchemaNode {
  if (reading.depth > schemaLimits.depthMax) {
    return invalid(`types are nested more than ${schemaLimits.depthMax} deep`);
  }
  if (typeof json === 'string') return readName(json, reading);
  if (Array.isArray(json)) return readUnion(json, deeper(reading));
  if (!isAttributes(json)) return invalid(`${describeValue(json)} is no Avro type`);
  if ('logicalType' in json) return readLogicalType(json);
  const { type, ...rest } = json;
  switch (type) {
    case 'record':
      return readRecord(json, deeper(reading));
    case 'enum':
      return readEnum(json, reading);
    case 'array': {
      const { items, ...extra } = rest;
      return { kind: 'array', items: readType(items, deeper(reading)), ...kept(extra) };
    }
    case 'map': {
      const { values, ...extra } = rest;
      return { kind: 'map', values: readType(values, deeper(reading)), ...kept(extra) };
    }
    default:
      // `{ "type": "string" }` is "string", and attributes of a primitive type are kept.
      return isScalar(type)
        ? { kind: type, ...kept(rest) }
        : Object.keys(rest).length === 0 && type !== undefined
          ? readType(type, deeper(reading))
          : invalid(`${describeValue(type)} is no Avro type that Troupe supports`);
  }
}

function readName(name: string, { namespace, named }: Reading): SchemaNode {
  if (isScalar(name)) return { kind: name };
  if (name === 'null') return invalid("null by itself has nothing to say: write ['null', T]");
  const full = fullName(name, namespace);
  const found = named.get(full) ?? named.get(name);
  if (found === 'open')
    return invalid(`${full} contains itself: recursive types are not supported`);
  return (
    found ?? invalid(`'${name}' is no Avro type, and no type of that name is written before it`)
  );
}

function readUnion(branches: readonly unknown[], reading: Reading): SchemaNode {
  const [first, second] = branches;
  return branches.length === 2 && first === 'null' && second !== 'null' && !Array.isArray(second)
    ? { kind: 'nullable', of: readType(second, reading) }
    : invalid("only ['null', T] unions are supported");
}

function readLogicalType(json: Attributes): SchemaNode {
  const { type, logicalType, ...rest } = json;
  const known = logicalTypes.get(logicalType);
  if (known === undefined) {
    const names = [...logicalTypes.keys()].join(', ');
    return invalid(`logical type ${describeValue(logicalType)} is not supported: use ${names}`);
  }
  if (type !== known.on) {
    return invalid(
      `logical type '${logicalType}' stands on ${known.on}, got ${describeValue(type)}`,
    );
  }
  if (known.kind !== 'decimal') return { kind: known.kind, ...kept(rest) };
  const { precision, scale = 0, ...extra } = rest;
  return typeof precision === 'number' && typeof scale === 'number'
    ? { kind: 'decimal', precision, scale, ...kept(extra) }
    : invalid('a decimal needs a precision and a scale, as numbers');
}

function readEnum(json: Attributes, reading: Reading): SchemaNode {
  const { type: _, name, namespace, doc, symbols, ...extra } = json;
  const full = readFullName(name, namespace, reading);
  if (typeof full !== 'string') return full;
  if (!Array.isArray(symbols)) return invalid(`enum ${full} has no list of symbols`);
  const node: EnumNode = { kind: 'enum', name: full, symbols, ...docOf(doc), ...kept(extra) };
  reading.named.set(full, node);
  return node;
}

function readRecord(json: Attributes, reading: Reading): SchemaNode {
  const { type: _, name, namespace, doc, fields, ...extra } = json;
  const full = readFullName(name, namespace, reading);
  if (typeof full !== 'string') return full;
  if (!Array.isArray(fields)) return invalid(`record ${full} has no list of fields`);
  reading.named.set(full, 'open');
  const within = { ...reading, namespace: namespaceOf(full) };
  const node: RecordNode = {
    kind: 'record',
    name: full,
    fields: fields.map((field: unknown, index) => readField(field, index, within)),
    ...docOf(doc),
    ...kept(extra),
  };
  reading.named.set(full, node);
  return node;
}

function readField(json: unknown, index: number, reading: Reading): FieldNode {
  if (!isAttributes(json) || typeof json['name'] !== 'string') {
    return {
      name: `field_${index + 1}`,
      type: invalid('a field needs a name and a type'),
      key: false,
    };
  }
  const { name, type: typeJson, doc, default: absent, ...extra } = json;
  const type = readType(typeJson, reading);
  const field = { name: json['name'], type, key: false, ...docOf(doc), ...kept(extra) };
  if (absent === undefined) return field;
  try {
    return { ...field, default: { value: fromAvroDefault(type, absent) } };
  } catch (error) {
    if (!(error instanceof PayloadMismatch)) throw error;
    const at = error.path === '' ? '' : `${error.path}: `;
    return { ...field, type: invalid(`its default is refused: ${at}${error.message}`) };
  }
}

function readFullName(name: unknown, namespace: unknown, reading: Reading): string | InvalidNode {
  if (typeof name !== 'string') return invalid('a record or an enum needs a name');
  if (name.includes('.') || namespace === undefined) return fullName(name, reading.namespace);
  return typeof namespace === 'string' && namespace !== ''
    ? fullName(name, namespace)
    : invalid(`the namespace of ${name} has to be text, got ${describeValue(namespace)}`);
}

function deeper(reading: Reading): Reading {
  return { ...reading, depth: reading.depth + 1 };
}

function docOf(doc: unknown): { readonly doc?: string } {
  return typeof doc === 'string' ? { doc } : {};
}

function kept(extra: ExtraAttributes): { readonly extra?: ExtraAttributes } {
  return Object.keys(extra).length === 0 ? {} : { extra };
}

function isScalar(type: unknown): type is ScalarKind {
  return primitives.has(type);
}

function isAttributes(json: unknown): json is Attributes {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function invalid(fault: string): InvalidNode {
  return { kind: 'invalid', fault };
}
