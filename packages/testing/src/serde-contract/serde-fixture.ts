import type { Serde } from '@troupe/core';

/** What a serde is said to be able to do; what it is not shows as skipped. */
export interface SerdeFeatures {
  /** The registry can be taken away and brought back: `stop` and `restart` are used. */
  readonly outage: boolean;
}

/** One registry, and the serdes of as many services as a test needs. */
export interface SerdeFixture {
  /** A new serde on the same registry, as another service has it. */
  open(): Serde;
  /** Registers a text as a foreign service would; its id. */
  register(subject: string, schemaText: string): Promise<number>;
  /** Makes the registry unreachable. */
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export interface SerdeSetup {
  setup(): Promise<SerdeFixture>;
  teardown(fixture: SerdeFixture): Promise<void>;
}

export const signal = new AbortController().signal;

let namespaces = 0;
/** Of this test alone, so that a registry that keeps its schemas can be used again. */
export function newNamespace(): string {
  namespaces += 1;
  return `contract.p${process.pid}.t${Date.now()}.n${namespaces}`;
}

/** What `run` throws or rejects with; an error when it does neither. */
export async function failureOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}
