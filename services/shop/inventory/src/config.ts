import {
  type Environment,
  readServiceSettings,
  type ServiceSettings,
  SettingsReader,
} from '@troupe/service-process';

/** Throws `ConfigurationError` with every fault. */
export function readSettings(environment: Environment): ServiceSettings {
  const read = new SettingsReader('inventory', environment);
  return read.finish(readServiceSettings(read, { healthPort: 7102 }));
}
