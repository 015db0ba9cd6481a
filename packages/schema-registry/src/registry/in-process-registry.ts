import { ConfigurationError } from '@troupe/core';
import type { avsc } from '../avro/avsc-boundary.ts';
import { parseAvroType } from '../avro/parse-avro-type.ts';
import { compatibilityReasons } from './compatibility-reasons.ts';
import {
  type CompatibilityLevel,
  defaultCompatibility,
  type SchemaRegistry,
} from './schema-registry.ts';

export interface InProcessRegistryOptions {
  /** Of every subject. Default FULL_TRANSITIVE. */
  readonly compatibility?: CompatibilityLevel | undefined;
}

/** Far more than the event types of any program; a leak shows as an error. */
const versionsMax = 10_000;

/**
 * A registry in this process, for tests and for everything in one process: hand the same one to every serde. Its schemas
 * end with the process.
 *
 * @example
 * const serde = createAvroSerde({ registry: createInProcessRegistry() });
 */
export function createInProcessRegistry(options: InProcessRegistryOptions = {}): SchemaRegistry {
  return new InProcessRegistry(options.compatibility ?? defaultCompatibility);
}

interface Version {
  readonly text: string;
  readonly type: avsc.Type;
}

/**
 * Owns every schema that was registered with it.
 *
 * Invariants
 * 1. One text has one id, whatever its subjects; ids count up from 1 and are never used again.
 * 2. The versions of a subject were each compatible with those before it, by the level.
 */
class InProcessRegistry implements SchemaRegistry {
  readonly name = 'in process';
  readonly #level: CompatibilityLevel;
  readonly #subjects = new Map<string, Version[]>();
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  constructor(level: CompatibilityLevel) {
    this.#level = level;
  }

  async checkCompatibility(subject: string, schemaText: string) {
    const reasons = this.#reasons(subject, parsed(subject, schemaText));
    return { compatible: reasons.length === 0, reasons };
  }

  async register(subject: string, schemaText: string): Promise<number> {
    const versions = this.#subjects.get(subject) ?? [];
    if (versions.some(({ text }) => text === schemaText)) return this.#idOf(schemaText);
    const type = parsed(subject, schemaText);
    const reasons = this.#reasons(subject, type);
    if (reasons.length > 0) {
      throw new ConfigurationError(`${subject}: ${reasons.join('; ')}`, {
        code: 'schema-incompatible',
        details: { subject, registry: this.name, reasons },
      });
    }
    if (this.#texts.size >= versionsMax) {
      throw new ConfigurationError(
        `${subject}: the registry has ${versionsMax} schemas already: schemas are made once at start, not for each event`,
        { details: { subject, versionsMax } },
      );
    }
    this.#subjects.set(subject, [...versions, { text: schemaText, type }]); // invariant 2
    return this.#idOf(schemaText);
  }

  async schemaById(id: number): Promise<string | undefined> {
    return this.#texts.get(id);
  }

  #reasons(subject: string, next: avsc.Type): string[] {
    const versions = this.#subjects.get(subject) ?? [];
    return compatibilityReasons(
      next,
      versions.map(({ type }) => type),
      this.#level,
    );
  }

  #idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#ids.size + 1; // invariant 1
    this.#ids.set(text, id);
    this.#texts.set(id, text);
    return id;
  }
}

function parsed(subject: string, schemaText: string): avsc.Type {
  try {
    return parseAvroType(schemaText);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`${subject}: no schema that can be registered: ${reason}`, {
      code: 'schema-incompatible',
      cause,
      details: { subject },
    });
  }
}
