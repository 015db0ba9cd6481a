import avsc, { type Type } from 'avsc';
import type { RawRecord } from './raw-record.ts';

const frameBytes = 5;

/** The payloads of those records that are framed Avro; the schemas come from the registry by their ids. */
export async function decodePayloads(
  records: readonly RawRecord[],
  registryUrl: string,
): Promise<ReadonlyMap<RawRecord, unknown>> {
  const schemas = new Map<number, Promise<Type>>();
  const payloads = new Map<RawRecord, unknown>();
  for (const record of records) {
    const { value, headers } = record;
    if (value === null || headers['content-type'] !== 'application/avro') continue;
    const id = value.readInt32BE(1);
    const schema = schemas.get(id) ?? fetchSchema(registryUrl, id);
    schemas.set(id, schema);
    payloads.set(record, (await schema).fromBuffer(value.subarray(frameBytes)));
  }
  return payloads;
}

async function fetchSchema(registryUrl: string, id: number): Promise<Type> {
  const response = await fetch(`${registryUrl}/schemas/ids/${id}`);
  if (!response.ok) throw new Error(`the registry has no schema ${id}: ${await response.text()}`);
  const { schema } = (await response.json()) as { readonly schema: string };
  return avsc.Type.forSchema(JSON.parse(schema));
}
