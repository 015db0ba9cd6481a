import { Kafka, logLevel } from 'kafkajs';

/** A bare client as a service has one: its own connections. What it cannot mend, it throws; it logs nothing. */
export function kafkaClient(brokers: readonly string[], clientId: string): Kafka {
  return new Kafka({ clientId, brokers: [...brokers], logLevel: logLevel.NOTHING });
}

/** How every consumer of the benchmark fetches, also those that only observe. */
export const consumerSettings = {
  sessionTimeout: 30_000,
  heartbeatInterval: 3_000,
  minBytes: 1,
  maxWaitTimeInMs: 500,
} as const;
