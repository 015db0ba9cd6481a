import { describe, expect, test } from 'vitest';
import { readKafkaSettings } from './kafka-settings.ts';
import { type Environment, SettingsReader } from './settings-reader.ts';

function settingsOf(environment: Environment) {
  const read = new SettingsReader('coordinator', { KAFKA_BROKERS: 'kafka:9092', ...environment });
  return read.finish(readKafkaSettings(read));
}

const login = {
  KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
  KAFKA_SASL_USERNAME: 'troupe',
  KAFKA_SASL_PASSWORD: ' se=cret ',
};

describe('the way to Kafka', () => {
  test('is plain, and without a login, unless something else is said', () => {
    const plain = { brokers: ['kafka:9092'], ssl: false, sasl: undefined };
    expect(settingsOf({})).toEqual(plain);
    expect(settingsOf({ KAFKA_SSL: 'false', KAFKA_SASL_PASSWORD: '' })).toEqual(plain);
  });

  test('has TLS and a login, whose password is taken as it is', () => {
    expect(settingsOf({ KAFKA_SSL: 'true', ...login })).toEqual({
      brokers: ['kafka:9092'],
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'troupe', password: ' se=cret ' },
    });
  });

  test.each([
    ['PLAIN', 'plain'],
    ['SCRAM-SHA-256', 'scram-sha-256'],
  ])('knows %s', (given, mechanism) => {
    expect(settingsOf({ ...login, KAFKA_SASL_MECHANISM: given }).sasl).toMatchObject({ mechanism });
  });

  test.each([
    [{ KAFKA_SSL: 'yes' }, ['KAFKA_SSL is "yes": expected one of false, true']],
    [
      { ...login, KAFKA_SASL_MECHANISM: 'GSSAPI' },
      ['KAFKA_SASL_MECHANISM is "GSSAPI": expected one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512'],
    ],
    [
      { KAFKA_SASL_PASSWORD: 'se=cret' },
      [
        'KAFKA_SASL_MECHANISM is missing: expected one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512',
        'KAFKA_SASL_USERNAME is missing: a login needs it',
      ],
    ],
    [{ ...login, KAFKA_SASL_PASSWORD: '' }, ['KAFKA_SASL_PASSWORD is missing: a login needs it']],
  ])('every fault is named, and no password: %j', (environment, faults) => {
    const read = () => settingsOf(environment);
    expect(read).toThrow(faults.map((fault) => `\n  - ${fault}`).join(''));
    expect(read).not.toThrow(/se=cret/);
  });
});
