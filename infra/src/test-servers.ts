export {
  jaeger,
  jaegerMissing,
  kafkaBrokers,
  schemaRegistryUrl,
  serverEnvironment,
  uniqueName,
} from './servers/servers-under-test.ts';
