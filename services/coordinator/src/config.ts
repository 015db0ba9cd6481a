import {
  type Environment,
  readServiceSettings,
  type ServiceSettings,
  SettingsReader,
} from '@shop/process';

/** Throws `ConfigurationError` with every fault. */
export function readSettings(environment: Environment): ServiceSettings {
  const read = new SettingsReader('coordinator', environment);
  return read.finish(readServiceSettings(read, { healthPort: 7100 }));
}
