import {
  type Environment,
  type KafkaSettings,
  readKafkaSettings,
  SettingsReader,
} from '@troupe/service-process';

/** Throws `ConfigurationError` with every fault. */
export function readSettings(environment: Environment): KafkaSettings {
  const read = new SettingsReader('topics', environment);
  return read.finish(readKafkaSettings(read));
}
