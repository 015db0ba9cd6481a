/**
 * Where the schemas of events are kept, each under a number that travels with every message. Every sentence is kept by
 * the registry contract suite. Failures that may pass are `schema-unavailable` and retryable.
 */
export interface SchemaRegistry {
  /** Names it in errors: its address without credentials, or `in process`. */
  readonly name: string;
  /**
   * Whether the text may become the next version of `subject`, by the subject's compatibility level; with every reason
   * why not. A subject without versions takes anything. Changes no version.
   */
  checkCompatibility(
    subject: string,
    schemaText: string,
    signal: AbortSignal,
  ): Promise<Compatibility>;
  /**
   * The id of the text, which becomes the next version of `subject` when it is not one already: the same text always
   * gives the same id, also when registered by several at once. Rejects with `schema-incompatible` and the reason, and
   * with the same code for a text that is no Avro.
   */
  register(subject: string, schemaText: string, signal: AbortSignal): Promise<number>;
  /** The text that was registered under an id; undefined when there is none. */
  schemaById(id: number, signal: AbortSignal): Promise<string | undefined>;
}

export interface Compatibility {
  readonly compatible: boolean;
  /** As sentences; empty when compatible. */
  readonly reasons: readonly string[];
}

/**
 * Who reads whose events, in the registry's own words. BACKWARD: new services read old events. FORWARD: old services
 * read new events. FULL: both. TRANSITIVE: not only of the version before, but of every one.
 */
export type CompatibilityLevel =
  | 'NONE'
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE';

/**
 * Services of one saga are deployed in any order, run side by side in several versions, and read events as old as the
 * topic keeps them: only this level says that all of that works.
 */
export const defaultCompatibility = 'FULL_TRANSITIVE' satisfies CompatibilityLevel;
