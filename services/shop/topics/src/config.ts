import { type Environment, SettingsReader } from '@troupe/service-process';

export interface TopicsSettings {
  readonly kafkaBrokers: readonly string[];
}

/** Throws `ConfigurationError` with every fault. */
export function readSettings(environment: Environment): TopicsSettings {
  const read = new SettingsReader('topics', environment);
  return read.finish({ kafkaBrokers: read.addresses('KAFKA_BROKERS', 'localhost:9092') });
}
