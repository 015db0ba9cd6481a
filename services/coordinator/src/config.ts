import { defaultCoordinatorLimits } from '@troupe/coordinator';
import {
  type Environment,
  readServiceSettings,
  type ServiceSettings,
  SettingsReader,
} from '@troupe/service-process';

export interface CoordinatorSettings extends ServiceSettings {
  /** A coordinator that is silent for this long has lost its partitions to the others. */
  readonly sessionTimeoutMs: number;
}

/** Brokers allow 6 s to 30 min by default (`group.min.session.timeout.ms`, `group.max...`), and may be told otherwise. */
const sessionTimeoutLimits = { min: 1_000, max: 30 * 60_000 };

/** Throws `ConfigurationError` with every fault. */
export function readSettings(environment: Environment): CoordinatorSettings {
  const read = new SettingsReader('coordinator', environment);
  const { sessionTimeoutMs: preset } = defaultCoordinatorLimits;
  return read.finish({
    ...readServiceSettings(read, { healthPort: 7100 }),
    sessionTimeoutMs: read.durationMs('SESSION_TIMEOUT_MS', preset, sessionTimeoutLimits),
  });
}
