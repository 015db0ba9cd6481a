export { startTelemetry, type Telemetry } from './start-telemetry.ts';
export type { TelemetryOptions } from './telemetry-options.ts';
