import { hash } from 'node:crypto';
import type { AnyEventClass } from './event.ts';
import { schemaOf } from './make-event-class.ts';
import { writeAvro } from './schema/write-avro.ts';

/** The text that is registered: the same fields always give the same text. */
export function schemaText(eventClass: AnyEventClass): string {
  return JSON.stringify(eventClass.avro);
}

const fingerprints = new WeakMap<AnyEventClass, string>();

/**
 * 16 hex digits over what writers and readers have to agree on: the schema without its documentation. Two classes of one
 * name whose fingerprints differ are two contracts.
 */
export function schemaFingerprint(eventClass: AnyEventClass): string {
  let fingerprint = fingerprints.get(eventClass);
  if (fingerprint === undefined) {
    const schema = schemaOf(eventClass);
    const text = JSON.stringify(
      schema === undefined ? eventClass.avro : writeAvro(schema, { docs: false }),
    );
    fingerprint = hash('sha256', text, 'hex').slice(0, 16);
    fingerprints.set(eventClass, fingerprint);
  }
  return fingerprint;
}
