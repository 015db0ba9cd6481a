import { type KafkaSettings, readKafkaSettings } from './kafka-settings.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What every process has to be told, the coordinator's and those of the shop; `docs/operations.md` lists it for people. */
export interface ServiceSettings {
  readonly kafka: KafkaSettings;
  readonly schemaRegistryUrl: string;
  /** Undefined: no traces. */
  readonly otlpEndpoint: string | undefined;
  /** The folder of the service's database; made when it is missing. The coordinator has none. */
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
    kafka: readKafkaSettings(read),
    schemaRegistryUrl: read.url('SCHEMA_REGISTRY_URL', 'http://localhost:8081'),
    otlpEndpoint: read.optionalUrl('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://localhost:4318'),
    dataFolder: read.text('DATA_DIR', './data'),
    host: read.text('HOST', '0.0.0.0'),
    healthPort: read.port('HEALTH_PORT', presets.healthPort),
    logLevel: read.oneOf('LOG_LEVEL', logLevels, 'info'),
  };
}
