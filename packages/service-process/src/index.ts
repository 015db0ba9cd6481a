export { databasePath } from './database-path.ts';
export { createHealthServer, type Health } from './health-server.ts';
export { createJsonLogger } from './json-logger.ts';
export { type KafkaLogin, type KafkaSettings, readKafkaSettings } from './kafka-settings.ts';
export { type ListenAt, listen } from './listen.ts';
export {
  type ProcessParts,
  type RunningService,
  runServiceProcess,
  type ServiceProcess,
} from './run-service-process.ts';
export { readServiceSettings, type ServiceSettings } from './service-settings.ts';
export { type Environment, SettingsReader } from './settings-reader.ts';
