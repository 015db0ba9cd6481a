import type { AnyEventClass, Event } from '../events/define-event.ts';

/**
 * Events to bytes and back: Confluent framing (byte 0, schema id as 4 bytes big endian, Avro binary), the subject is
 * the full name of the record.
 */
export interface Serde {
  /**
   * Registers the schemas of `classes` after their compatibility was checked. Rejects with `schema-incompatible` and
   * the registry's reason, or with `schema-unavailable` when no registry answers. Idempotent.
   */
  prepare(classes: readonly AnyEventClass[], signal: AbortSignal): Promise<void>;
  /** Synchronous: only for classes that were prepared. Throws `payload-invalid` with the path. */
  encode(event: Event): Uint8Array;
  /**
   * Decodes with the schema that wrote the bytes into the shape of `reader`, whatever version wrote it. Returns the
   * event at once when the writer's schema is known, else a promise. Fails with `PoisonMessageError` for what
   * can never be read (bad frame, unknown id, truncated bytes, a schema that does not resolve) and with a retryable
   * `schema-unavailable` when the registry does not answer.
   */
  decode<E extends Event>(
    bytes: Uint8Array,
    reader: { readonly eventName: string; new (draft: never): E },
  ): E | Promise<E>;
}
