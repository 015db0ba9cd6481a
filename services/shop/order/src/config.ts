import {
  type Environment,
  readServiceSettings,
  type ServiceSettings,
  SettingsReader,
} from '@troupe/service-process';

export interface OrderSettings extends ServiceSettings {
  /** Where customers place their orders; 0 is any free port. */
  readonly httpPort: number;
}

/** Throws `ConfigurationError` with every fault. */
export function readSettings(environment: Environment): OrderSettings {
  const read = new SettingsReader('order', environment);
  return read.finish({
    ...readServiceSettings(read, { healthPort: 7101 }),
    httpPort: read.port('HTTP_PORT', 8080),
  });
}
