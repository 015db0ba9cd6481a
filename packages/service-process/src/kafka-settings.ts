import type { SettingsReader } from './settings-reader.ts';

/** How a process comes to Kafka, as `createKafkajsTransport` takes it. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  /** True: TLS. Certificates are checked against those that Node.js trusts, `NODE_EXTRA_CA_CERTS` among them. */
  readonly ssl: boolean;
  /** Undefined: it logs in nowhere. */
  readonly sasl: KafkaLogin | undefined;
}

/** Not to be logged. */
interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type KafkaLogin =
  | ({ readonly mechanism: 'plain' } & Credentials)
  | ({ readonly mechanism: 'scram-sha-256' } & Credentials)
  | ({ readonly mechanism: 'scram-sha-512' } & Credentials);

/** By Kafka's name of the mechanism. */
const logins: ReadonlyMap<string, (as: Credentials) => KafkaLogin> = new Map([
  ['PLAIN', (as: Credentials): KafkaLogin => ({ mechanism: 'plain', ...as })],
  ['SCRAM-SHA-256', (as: Credentials): KafkaLogin => ({ mechanism: 'scram-sha-256', ...as })],
  ['SCRAM-SHA-512', (as: Credentials): KafkaLogin => ({ mechanism: 'scram-sha-512', ...as })],
]);

/** Reads `KAFKA_BROKERS`, `KAFKA_SSL`, and `KAFKA_SASL_MECHANISM`, `_USERNAME`, `_PASSWORD`, which are there together. */
export function readKafkaSettings(read: SettingsReader): KafkaSettings {
  return {
    brokers: read.addresses('KAFKA_BROKERS', 'localhost:9092'),
    ssl: read.oneOf('KAFKA_SSL', ['false', 'true'], 'false') === 'true',
    sasl: readLogin(read),
  };
}

/** A part without the others is a fault here, and not much later, when a broker refuses it. */
function readLogin(read: SettingsReader): KafkaLogin | undefined {
  const mechanism = read.optionalText('KAFKA_SASL_MECHANISM');
  const username = read.optionalText('KAFKA_SASL_USERNAME');
  const password = read.secret('KAFKA_SASL_PASSWORD');
  if (mechanism === undefined && username === undefined && password === undefined) return undefined;
  const loginAs = logins.get(mechanism ?? '');
  if (loginAs === undefined) {
    const is = mechanism === undefined ? 'missing' : JSON.stringify(mechanism);
    read.fault(`KAFKA_SASL_MECHANISM is ${is}: expected one of ${[...logins.keys()].join(', ')}`);
  }
  if (username === undefined) read.fault('KAFKA_SASL_USERNAME is missing: a login needs it');
  if (password === undefined) read.fault('KAFKA_SASL_PASSWORD is missing: a login needs it');
  return username === undefined || password === undefined
    ? undefined
    : loginAs?.({ username, password });
}
