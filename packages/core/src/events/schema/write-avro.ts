import { toAvroDefault } from './avro-default.ts';
import type { AvroJson } from './avro-json.ts';
import { fullName, namespaceOf, shortName } from './avro-name.ts';
import { compileCheck } from './payload-check.ts';
import type { EnumNode, FieldNode, RecordNode, SchemaNode } from './schema-node.ts';

interface Writing {
  readonly namespace: string;
  /** Full names of the types written so far: written out once, by name after that. */
  readonly written: Set<string>;
  readonly docs: boolean;
}

/**
 * A record as plain Avro JSON. Attributes stand in the order in which Avro's Java library prints them, so the text that a
 * registry gives back is the text that it was given, and one schema has one text. Without `docs` it is what
 * readers and writers have to agree on.
 */
export function writeAvro(record: RecordNode, { docs = true } = {}): AvroJson {
  return writeType(record, { namespace: '', written: new Set(), docs });
}

function writeType(node: SchemaNode, writing: Writing): AvroJson {
  switch (node.kind) {
    case 'nullable':
      return ['null', writeType(node.of, writing)];
    case 'array':
      return { type: 'array', items: writeType(node.items, writing), ...node.extra };
    case 'map':
      return { type: 'map', values: writeType(node.values, writing), ...node.extra };
    case 'record':
    case 'enum':
      return writeNamed(node, writing);
    case 'decimal': {
      const { precision, scale, extra } = node;
      return { type: 'bytes', logicalType: 'decimal', precision, scale, ...extra };
    }
    case 'uuid':
      return { type: 'string', logicalType: 'uuid', ...node.extra };
    case 'timestamp':
      return { type: 'long', logicalType: 'timestamp-millis', ...node.extra };
    case 'date':
      return { type: 'int', logicalType: 'date', ...node.extra };
    case 'invalid':
      // Faults were reported before anything is written; in a fault's own comparison it stands for itself.
      return { invalid: node.fault };
    default:
      return node.extra === undefined ? node.kind : { type: node.kind, ...node.extra };
  }
}

function writeNamed(node: RecordNode | EnumNode, writing: Writing): AvroJson {
  const full = fullName(node.name, writing.namespace);
  const namespace = namespaceOf(full);
  const name = shortName(full);
  if (writing.written.has(full)) return namespace === writing.namespace ? name : full;
  writing.written.add(full);
  const within = { ...writing, namespace };
  return {
    type: node.kind,
    name,
    ...(namespace === writing.namespace ? undefined : { namespace }),
    ...(writing.docs && node.doc !== undefined ? { doc: node.doc } : undefined),
    ...(node.kind === 'enum'
      ? { symbols: [...node.symbols] }
      : { fields: node.fields.map((field) => writeField(field, within)) }),
    ...node.extra,
  };
}

function writeField(field: FieldNode, writing: Writing): AvroJson {
  return {
    name: field.name,
    type: writeType(field.type, writing),
    ...(writing.docs && field.doc !== undefined ? { doc: field.doc } : undefined),
    ...(field.default === undefined
      ? undefined
      : { default: toAvroDefault(field.type, compileCheck(field.type)(field.default.value)) }),
    ...field.extra,
  };
}
