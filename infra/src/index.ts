export type { Jaeger, JaegerOptions } from './jaeger/jaeger.ts';
export { startJaeger } from './jaeger/start-jaeger.ts';
export type { KafkaBroker, KafkaCluster, KafkaOptions } from './kafka/kafka-cluster.ts';
export { startKafka } from './kafka/start-kafka.ts';
export { MissingProgramError } from './programs/missing-program-error.ts';
export type {
  SchemaRegistry,
  SchemaRegistryOptions,
} from './schema-registry/schema-registry.ts';
export { startSchemaRegistry } from './schema-registry/start-schema-registry.ts';
