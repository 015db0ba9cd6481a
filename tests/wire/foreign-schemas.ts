// The schemas of press-hall, registered under the full names of their records; Confluent framing.
import avro from 'avsc';

const bookId = { name: 'bookId', type: 'string' } as const;
const decimal = { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 } as const;
const timestamp = { type: 'long', logicalType: 'timestamp-millis' } as const;

/** The reader's schema of the event that triggers: of its fields only those that this service needs. */
export const bookOrdered = avro.Type.forSchema({
  type: 'record',
  name: 'press.BookOrdered',
  fields: [bookId, { name: 'copies', type: 'int' }],
});

interface Written {
  readonly topic: string;
  readonly fields: avro.schema.RecordType['fields'];
}

const written: Readonly<Record<string, Written>> = {
  'press.paper.PaperBought': {
    topic: 'press.paper',
    fields: [
      bookId,
      { name: 'sheets', type: 'int' },
      { name: 'cost', type: decimal },
      { name: 'boughtAt', type: timestamp },
      // Nobody else knows of it: the readers' schemas leave it out.
      { name: 'mill', type: 'string', default: '' },
    ],
  },
  'press.paper.PaperRefused': {
    topic: 'press.paper',
    fields: [bookId, { name: 'reason', type: 'string' }],
  },
  'press.paper.PaperReturned': {
    topic: 'press.paper',
    fields: [bookId, { name: 'sheets', type: 'int' }],
  },
  'press.printing.BookPrinted': {
    topic: 'press.printing',
    fields: [bookId, { name: 'copies', type: 'int' }, { name: 'sheets', type: 'int' }],
  },
  'press.printing.BookPulped': { topic: 'press.printing', fields: [bookId] },
};

export interface Writer {
  readonly topic: string;
  readonly id: number;
  readonly type: avro.Type;
}

const writers = new Map<string, Writer>();
const writerTypes = new Map<number, avro.Type>();
let registryUrl = '';

async function askRegistry(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${registryUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

export async function prepareSchemas(url: string): Promise<void> {
  registryUrl = url;
  for (const [name, { topic, fields }] of Object.entries(written)) {
    const schema = { type: 'record', name, fields } satisfies avro.Schema;
    const path = `/subjects/${name}/versions`;
    const { id } = await askRegistry(path, { schema: JSON.stringify(schema) });
    writers.set(name, { topic, id: Number(id), type: avro.Type.forSchema(schema) });
  }
  // Troupe's own events are written with the schemas that its services have registered.
  const skipped = await askRegistry('/subjects/troupe.StepSkipped/versions/latest');
  const type = avro.Type.forSchema(JSON.parse(String(skipped['schema'])));
  writers.set('troupe.StepSkipped', { topic: 'troupe.outcomes', id: Number(skipped['id']), type });
}

export async function decode(framed: Buffer, reader?: avro.Type): Promise<Record<string, unknown>> {
  if (framed[0] !== 0) throw new Error('the value is not in Confluent framing');
  const id = framed.readInt32BE(1);
  const known = writerTypes.get(id);
  const { schema } = known ? {} : await askRegistry(`/schemas/ids/${id}`);
  const writer = known ?? avro.Type.forSchema(JSON.parse(String(schema)));
  writerTypes.set(id, writer);
  const body = framed.subarray(5);
  if (reader === undefined) return writer.fromBuffer(body);
  return reader.fromBuffer(body, reader.createResolver(writer));
}

export function encode({ id, type }: Writer, event: unknown): Buffer {
  const frame = Buffer.alloc(5);
  frame.writeInt32BE(id, 1);
  return Buffer.concat([frame, type.toBuffer(event)]);
}

export function writerOf(type: string): Writer {
  const writer = writers.get(type);
  if (writer === undefined) throw new Error(`${type} has no schema`);
  return writer;
}
