import type { Buffer } from 'node:buffer';
import { PoisonMessageError } from '@troupe/core';
import type { avsc } from '../avro/avsc-boundary.ts';
import { resolveFault } from '../avro/resolve-fault.ts';
import { frameBytes } from './confluent-frame.ts';

/** The shape that a message is read into. */
export interface Reader {
  readonly eventName: string;
  readonly text: string;
  readonly type: avsc.Type;
}

/** How one reader reads what one writer wrote: without a resolver where both have the same schema. */
interface Reading {
  readonly resolver: ReturnType<avsc.Type['createResolver']> | undefined;
  readonly fault: string | undefined;
}

/**
 * A schema that messages were written with, and how each reader of this process reads them: worked out once. There are
 * as many readers as event classes of that name, one as a rule.
 */
export class WriterSchema {
  readonly #id: number;
  readonly #text: string;
  readonly #type: avsc.Type;
  readonly #readings = new WeakMap<Reader, Reading>();

  constructor(id: number, text: string, type: avsc.Type) {
    this.#id = id;
    this.#text = text;
    this.#type = type;
  }

  /** The payload as a plain object. Throws `PoisonMessageError`. */
  read(message: Buffer, reader: Reader): object {
    const { resolver, fault } = this.#readings.get(reader) ?? this.#prepare(reader);
    if (fault !== undefined) {
      throw this.#poison(reader, `its schema cannot be read as that of this service: ${fault}`);
    }
    let decoded: { readonly value: unknown; readonly offset: number };
    try {
      decoded = reader.type.decode(message, frameBytes, resolver);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw this.#poison(reader, `the bytes do not fit the schema: ${reason.slice(0, 500)}`, cause);
    }
    const { value, offset } = decoded;
    if (offset < 0) throw this.#poison(reader, 'the bytes end too soon');
    if (offset !== message.length) {
      throw this.#poison(reader, `${message.length - offset} bytes follow the end of the event`);
    }
    if (typeof value !== 'object' || value === null) throw this.#poison(reader, 'it is no record');
    return value;
  }

  #prepare(reader: Reader): Reading {
    const reading = this.#resolve(reader);
    this.#readings.set(reader, reading);
    return reading;
  }

  #resolve(reader: Reader): Reading {
    if (reader.text === this.#text) return { resolver: undefined, fault: undefined };
    const fault = resolveFault(reader.type, this.#type);
    return fault === undefined
      ? { resolver: reader.type.createResolver(this.#type), fault }
      : { resolver: undefined, fault };
  }

  #poison(reader: Reader, what: string, cause?: unknown): PoisonMessageError {
    const name = this.#type.name ?? this.#type.typeName;
    return new PoisonMessageError(
      `a message of ${name} (schema id ${this.#id}) cannot be read as ${reader.eventName}: ${what}`,
      { cause, details: { schemaId: this.#id, writer: name, reader: reader.eventName } },
    );
  }
}
