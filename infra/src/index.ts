export type { Jaeger, JaegerOptions } from './jaeger/jaeger.ts';
export { startJaeger } from './jaeger/start-jaeger.ts';
export { clusterSettings } from './kafka/broker-settings.ts';
export type { KafkaBroker, KafkaCluster, KafkaOptions } from './kafka/kafka-cluster.ts';
export { startKafka } from './kafka/start-kafka.ts';
export {
  type ServerProcess,
  type ServerStart,
  startServerProcess,
} from './processes/server-process.ts';
export { MissingProgramError } from './programs/missing-program-error.ts';
export type {
  SchemaRegistry,
  SchemaRegistryOptions,
} from './schema-registry/schema-registry.ts';
export { startSchemaRegistry } from './schema-registry/start-schema-registry.ts';
export { installServers } from './servers/install-servers.ts';
export { type MissingServer, missingServers } from './servers/missing-servers.ts';
export {
  type ObtainedServers,
  type ObtainOptions,
  obtainServers,
} from './servers/obtain-servers.ts';
export {
  addressesNamedIn,
  environmentOf,
  type ServerAddresses,
} from './servers/server-addresses.ts';
export { images } from './versions.ts';
