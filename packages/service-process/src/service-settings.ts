import type { SettingsReader } from './settings-reader.ts';

/** What every service of the shop has to be told. */
export interface ServiceSettings {
  readonly kafkaBrokers: readonly string[];
  readonly schemaRegistryUrl: string;
  /** Undefined: no traces. */
  readonly otlpEndpoint: string | undefined;
  /** The folder of the service's database; made when it is missing. */
  readonly dataFolder: string;
  /** The network address that HTTP listens on. */
  readonly host: string;
  /** Where the health endpoints listen; 0 is any free port. */
  readonly healthPort: number;
  readonly logLevel: (typeof logLevels)[number];
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export function readServiceSettings(
  read: SettingsReader,
  presets: { readonly healthPort: number },
): ServiceSettings {
  return {
    kafkaBrokers: read.addresses('KAFKA_BROKERS', 'localhost:9092'),
    schemaRegistryUrl: read.url('SCHEMA_REGISTRY_URL', 'http://localhost:8081'),
    otlpEndpoint: read.optionalUrl('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://localhost:4318'),
    dataFolder: read.text('DATA_DIR', './data'),
    host: read.text('HOST', '0.0.0.0'),
    healthPort: read.port('HEALTH_PORT', presets.healthPort),
    logLevel: read.oneOf('LOG_LEVEL', logLevels, 'info'),
  };
}
