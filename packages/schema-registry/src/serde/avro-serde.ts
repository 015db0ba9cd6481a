import {
  type AnyEventClass,
  type Clock,
  ConfigurationError,
  DefinitionError,
  type Event,
  eventClassOf,
  type Serde,
  schemaFingerprint,
  schemaText,
  systemClock,
  TroupeError,
} from '@troupe/core';
import type { avsc } from '../avro/avsc-boundary.ts';
import { parseAvroType } from '../avro/parse-avro-type.ts';
import type { SchemaRegistry } from '../registry/schema-registry.ts';
import { asBuffer, readSchemaId, schemaIdMax } from './confluent-frame.ts';
import { EventEncoder } from './event-encoder.ts';
import { type Reader, WriterSchema } from './writer-schema.ts';
import { type WriterSchemaLimits, WriterSchemas } from './writer-schemas.ts';

export interface AvroSerdeOptions {
  readonly registry: SchemaRegistry;
  readonly limits?: Partial<WriterSchemaLimits> | undefined;
  readonly clock?: Clock | undefined;
}

const defaultLimits: WriterSchemaLimits = { writerSchemasMax: 1_000, unusableForMs: 30_000 };
/** Requests to the registry at the same time, at start. */
const concurrencyMax = 8;

/**
 * Events as Avro in Confluent's frame, their schemas in a registry; the subject is the event's full name.
 *
 * @example
 * const serde = createAvroSerde({ registry: createRegistryClient({ url: 'http://localhost:8081' }) });
 * await serde.prepare([OrderPlaced], signal);
 * const bytes = serde.encode(new OrderPlaced({ orderId: '1', cents: 250 }));
 */
export function createAvroSerde(options: AvroSerdeOptions): Serde {
  return new AvroSerde(options);
}

/** What reading into a class takes of it, beside what the port says. */
type ReaderClass<E> = { readonly eventName: string; new (draft: never): E };

/**
 * Owns what it knows of schemas; the registry is somebody else's.
 *
 * Invariants
 * 1. Every class that was prepared has an encoder, and its schema is registered.
 * 2. Either all classes of one `prepare` are compatible, or none of them is registered.
 */
class AvroSerde implements Serde {
  readonly #registry: SchemaRegistry;
  readonly #writers: WriterSchemas;
  readonly #encoders = new WeakMap<AnyEventClass, EventEncoder>();
  readonly #readers = new WeakMap<object, Reader>();
  /** The first class of each name that was prepared. */
  readonly #prepared = new Map<string, AnyEventClass>();

  constructor({ registry, limits, clock = systemClock }: AvroSerdeOptions) {
    this.#registry = registry;
    this.#writers = new WriterSchemas(registry, { ...defaultLimits, ...limits }, clock);
  }

  async prepare(classes: readonly AnyEventClass[], signal: AbortSignal): Promise<void> {
    const added = this.#notPrepared(classes);
    const refused = await inBatches(added, (each) => this.#incompatibility(each, signal));
    const reasons = refused.filter((reason) => reason !== undefined);
    if (reasons.length > 0) throw incompatible(this.#registry.name, reasons); // invariant 2
    await inBatches(added, (each) => this.#register(each, signal));
  }

  encode(event: Event): Uint8Array {
    const eventClass = eventClassOf(event);
    const encoder = this.#encoders.get(eventClass) ?? this.#adopt(eventClass);
    return encoder.encode(event);
  }

  decode<E extends Event>(bytes: Uint8Array, readerClass: ReaderClass<E>): E | Promise<E> {
    const message = asBuffer(bytes);
    const writer = this.#writers.get(readSchemaId(message));
    const reader = this.#readers.get(readerClass) ?? this.#addReader(eventClass(readerClass));
    return writer instanceof WriterSchema
      ? instantiate(readerClass, writer.read(message, reader))
      : writer.then((schema) => instantiate(readerClass, schema.read(message, reader)));
  }

  /** Without those that are prepared. Throws when two classes of one name are two contracts. */
  #notPrepared(classes: readonly AnyEventClass[]): AnyEventClass[] {
    const added = new Map<string, AnyEventClass>();
    for (const each of classes) {
      const before = this.#prepared.get(each.eventName) ?? added.get(each.eventName);
      if (before === undefined) added.set(each.eventName, each);
      else if (schemaFingerprint(before) !== schemaFingerprint(each)) {
        throw new DefinitionError(
          `event ${each.eventName}`,
          ['two classes of this name have different schemas: use one of them everywhere'],
          { code: 'definition-conflict' },
        );
      }
    }
    return [...added.values()];
  }

  async #incompatibility(each: AnyEventClass, signal: AbortSignal): Promise<string | undefined> {
    const text = schemaText(each);
    const { compatible, reasons } = await this.#registry.checkCompatibility(
      each.eventName,
      text,
      signal,
    );
    return compatible ? undefined : `${each.eventName}: ${reasons.join('; ')}`;
  }

  async #register(each: AnyEventClass, signal: AbortSignal): Promise<void> {
    const { text, type } = this.#readers.get(each) ?? this.#addReader(each);
    const id = await this.#registry.register(each.eventName, text, signal);
    if (!Number.isInteger(id) || id < 0 || id > schemaIdMax) {
      throw new ConfigurationError(
        `${this.#registry.name} gives ${each.eventName} the id ${id}, which does not fit into 4 bytes`,
        { details: { subject: each.eventName, id } },
      );
    }
    this.#writers.add(id, new WriterSchema(id, text, type));
    this.#encoders.set(each, new EventEncoder(each, type, id));
    this.#prepared.set(each.eventName, each); // invariant 1
  }

  #addReader(each: AnyEventClass): Reader {
    const text = schemaText(each);
    const reader: Reader = { eventName: each.eventName, text, type: ownType(each, text) };
    this.#readers.set(each, reader);
    return reader;
  }

  /** An event of a subclass, or of another copy of the class, is written like those of the one that was prepared. */
  #adopt(each: AnyEventClass): EventEncoder {
    const prepared = this.#prepared.get(each.eventName);
    const encoder = prepared && this.#encoders.get(prepared);
    if (encoder === undefined || schemaFingerprint(each) !== schemaFingerprint(prepared ?? each)) {
      throw new TroupeError(
        'definition-unknown',
        `event ${each.eventName} was not prepared: pass its class to prepare() at start`,
        { details: { event: each.eventName } },
      );
    }
    this.#encoders.set(each, encoder);
    return encoder;
  }
}

function ownType(each: AnyEventClass, text: string): avsc.Type {
  try {
    return parseAvroType(text);
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new DefinitionError(`event ${each.eventName}`, [fault], { cause });
  }
}

/** The one place where the port's view of a class is taken for the class that it is. */
function eventClass(readerClass: ReaderClass<Event>): AnyEventClass {
  return readerClass as unknown as AnyEventClass;
}

function instantiate<E extends Event>(readerClass: ReaderClass<E>, data: object): E {
  return eventClass(readerClass).instantiate.call(readerClass, data) as E;
}

function incompatible(registry: string, reasons: readonly string[]): ConfigurationError {
  const list = reasons.map((reason) => `\n  - ${reason}`).join('');
  return new ConfigurationError(
    `the schema registry (${registry}) refuses ${reasons.length === 1 ? 'an event' : `${reasons.length} events`}, so nothing was registered:${list}`,
    { code: 'schema-incompatible', details: { registry, reasons } },
  );
}

async function inBatches<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += concurrencyMax) {
    results.push(...(await Promise.all(items.slice(start, start + concurrencyMax).map(run))));
  }
  return results;
}
