export {
  createInProcessRegistry,
  type InProcessRegistryOptions,
} from './registry/in-process-registry.ts';
export { createRegistryClient, type RegistryClientOptions } from './registry/registry-client.ts';
export type {
  Compatibility,
  CompatibilityLevel,
  SchemaRegistry,
} from './registry/schema-registry.ts';
export { type AvroSerdeOptions, createAvroSerde } from './serde/avro-serde.ts';
export type { WriterSchemaLimits } from './serde/writer-schemas.ts';
