/** A schema registry for one test run or demo; it keeps its port and its schemas. */
export interface SchemaRegistry {
  /** Of the Confluent API, as in SCHEMA_REGISTRY_URL. */
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends it as `kill -9` does; what it had acknowledged is there after `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export interface SchemaRegistryOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Where Apicurio serves Confluent's API. */
export const confluentApiPath = '/apis/ccompat/v7';
