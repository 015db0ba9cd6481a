import { type Clock, PoisonMessageError, TroupeError } from '@troupe/core';
import { parseAvroType } from '../avro/parse-avro-type.ts';
import type { SchemaRegistry } from '../registry/schema-registry.ts';
import { LruCache } from './lru-cache.ts';
import { WriterSchema } from './writer-schema.ts';

export interface WriterSchemaLimits {
  /** Schemas kept in memory; what is forgotten is asked for again. */
  readonly writerSchemasMax: number;
  /** How long an id that the registry does not have, or whose schema is unusable, is not asked for again. */
  readonly unusableForMs: number;
}

/** A schema that can never be used, and until when nobody looks again. */
interface Unusable {
  readonly reason: string;
  readonly code: 'schema-unknown' | 'poison-message';
  readonly untilMs: number;
}

/** Nobody waits for a look-up by a signal: the client's own limits end it. */
const neverAborted = new AbortController().signal;

/**
 * The schemas that messages were written with, by their ids. Owns the cache; does not own the registry.
 *
 * Invariants
 * 1. A schema that is known is used without the registry.
 * 2. One look-up at a time for an id.
 * 3. A failed look-up is remembered only where the registry answered.
 */
export class WriterSchemas {
  readonly #registry: SchemaRegistry;
  readonly #limits: WriterSchemaLimits;
  readonly #clock: Clock;
  readonly #known: LruCache<number, WriterSchema>;
  readonly #unusable: LruCache<number, Unusable>;
  readonly #lookups = new Map<number, Promise<WriterSchema>>();

  constructor(registry: SchemaRegistry, limits: WriterSchemaLimits, clock: Clock) {
    this.#registry = registry;
    this.#limits = limits;
    this.#clock = clock;
    this.#known = new LruCache(limits.writerSchemasMax);
    this.#unusable = new LruCache(limits.writerSchemasMax);
  }

  /** At once when it is known, else a promise. Fails with `PoisonMessageError` or `schema-unavailable`. */
  get(id: number): WriterSchema | Promise<WriterSchema> {
    return this.#known.get(id) ?? this.#lookUpOnce(id); // invariant 1
  }

  add(id: number, schema: WriterSchema): void {
    this.#known.set(id, schema);
  }

  async #lookUpOnce(id: number): Promise<WriterSchema> {
    const unusable = this.#unusable.get(id);
    if (unusable !== undefined) {
      if (this.#clock.monotonicMs() < unusable.untilMs) throw poison(id, unusable);
      this.#unusable.delete(id);
    }
    let lookup = this.#lookups.get(id);
    if (lookup === undefined) {
      lookup = this.#lookUp(id).finally(() => this.#lookups.delete(id));
      this.#lookups.set(id, lookup); // invariant 2
    }
    return lookup;
  }

  async #lookUp(id: number): Promise<WriterSchema> {
    const text = await this.#textOf(id);
    if (text === undefined) {
      throw this.#reject(id, 'schema-unknown', `${this.#registry.name} has no schema of this id`);
    }
    let schema: WriterSchema;
    try {
      schema = new WriterSchema(id, text, parseAvroType(text));
    } catch (error) {
      throw this.#reject(id, 'poison-message', error instanceof Error ? error.message : '', error);
    }
    this.#known.set(id, schema);
    return schema;
  }

  async #textOf(id: number): Promise<string | undefined> {
    try {
      return await this.#registry.schemaById(id, neverAborted);
    } catch (error) {
      const tooLarge = error instanceof TroupeError && error.code === 'limit-exceeded';
      throw tooLarge ? this.#reject(id, 'poison-message', error.message, error) : error;
    }
  }

  #reject(id: number, code: Unusable['code'], reason: string, cause?: unknown) {
    const untilMs = this.#clock.monotonicMs() + this.#limits.unusableForMs;
    const unusable: Unusable = { reason, code, untilMs };
    this.#unusable.set(id, unusable); // invariant 3
    return poison(id, unusable, cause);
  }
}

function poison(id: number, { reason, code }: Unusable, cause?: unknown): PoisonMessageError {
  return new PoisonMessageError(
    `a message written with schema id ${id} cannot be read: ${reason}`,
    {
      code,
      cause,
      details: { schemaId: id },
    },
  );
}
