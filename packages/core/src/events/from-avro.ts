import { DefinitionError } from '../errors/error-kinds.ts';
import type {
  AvroRecord,
  FullName,
  KeyName,
  ReadAvro,
  SupportedAvro,
  WriteAvro,
} from './avro-value.ts';
import type { EventClass } from './event.ts';
import { type EventDefinition, makeEventClass } from './make-event-class.ts';
import { readAvro } from './schema/read-avro.ts';
import type { RecordNode, SchemaNode } from './schema/schema-node.ts';

export interface FromAvroOptions<KeyName extends string> {
  /** The field that holds the saga id: text. */
  readonly key: KeyName;
  /** Default: the namespace. */
  readonly topic?: string | undefined;
}

/**
 * An event type from an existing Avro record, pasted as a literal; the text that is registered says the same. Throws
 * `DefinitionError` with every fault.
 *
 * @example
 * class OrderPlaced extends fromAvro({ type: 'record', namespace: 'shop', name: 'OrderPlaced',
 *   fields: [{ name: 'orderId', type: 'string' }] }, { key: 'orderId' }) {}
 */
export function fromAvro<const S extends AvroRecord>(
  schema: S & SupportedAvro<S>,
  options: FromAvroOptions<KeyName<S>>,
): EventClass<FullName<S>, ReadAvro<S['fields'], S>, WriteAvro<S['fields'], S>> {
  const record = recordOf(readAvro(plainCopy(schema)));
  const made = makeEventClass({ ...withKey(record, options.key), topic: options.topic });
  // Schema and types were read from one literal; nothing can check it again here.
  return made as unknown as EventClass<
    FullName<S>,
    ReadAvro<S['fields'], S>,
    WriteAvro<S['fields'], S>
  >;
}

function plainCopy(schema: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(schema));
  } catch (cause) {
    throw new DefinitionError('fromAvro', ['the schema is no plain JSON'], { cause });
  }
}

function recordOf(node: SchemaNode): RecordNode {
  if (node.kind === 'record') return node;
  throw new DefinitionError('fromAvro', [
    node.kind === 'invalid' ? node.fault : `an event is a record, got ${node.kind}`,
  ]);
}

function withKey(record: RecordNode, key: string): Omit<EventDefinition, 'topic'> {
  const fields = record.fields.map((field) =>
    field.name === key ? { ...field, key: true } : field,
  );
  const names = fields.map(({ name }) => name).join(', ');
  return fields.some((field) => field.key)
    ? { record: { ...record, fields } }
    : { record, keyFault: `the key '${key}' is no field of it: it has ${names}` };
}
