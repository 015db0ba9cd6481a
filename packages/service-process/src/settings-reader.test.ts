import { ConfigurationError } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import { readServiceSettings } from './service-settings.ts';
import { type Environment, SettingsReader } from './settings-reader.ts';

function settingsOf(environment: Environment) {
  const read = new SettingsReader('inventory', environment);
  return read.finish(readServiceSettings(read, { healthPort: 7102 }));
}

const minimal = {
  KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092',
  SCHEMA_REGISTRY_URL: 'http://registry:8081/apis/ccompat/v7',
};

describe('the settings of a service', () => {
  test('brokers and registry are enough', () => {
    expect(settingsOf({ ...minimal, HEALTH_PORT: '', OTEL_EXPORTER_OTLP_ENDPOINT: ' ' })).toEqual({
      kafka: { brokers: ['kafka-1:9092', 'kafka-2:9092'], ssl: false, sasl: undefined },
      schemaRegistryUrl: 'http://registry:8081/apis/ccompat/v7',
      otlpEndpoint: undefined,
      dataFolder: './data',
      host: '0.0.0.0',
      healthPort: 7102,
      logLevel: 'info',
    });
  });

  test('every fault is named at once, with the way out', () => {
    const read = () =>
      settingsOf({
        SCHEMA_REGISTRY_URL: 'registry:8081',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'jaeger',
        HEALTH_PORT: '70000',
        LOG_LEVEL: 'loud',
      });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(
      [
        'the environment of inventory is not complete, or not right:',
        '  - KAFKA_BROKERS is missing: set it, as KAFKA_BROKERS=localhost:9092',
        '  - SCHEMA_REGISTRY_URL is "registry:8081": expected an address, as SCHEMA_REGISTRY_URL=http://localhost:8081',
        '  - OTEL_EXPORTER_OTLP_ENDPOINT is "jaeger": expected an address, as OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318',
        '  - HEALTH_PORT is "70000": expected a port, a whole number from 0 to 65535',
        '  - LOG_LEVEL is "loud": expected one of debug, info, warn, error',
      ].join('\n'),
    );
  });

  test.each([
    'kafka',
    'kafka:',
    ':9092',
    'kafka:0',
    'kafka:99999',
    'http://kafka:9092',
    'a:1,,b:2',
  ])('KAFKA_BROKERS=%s is refused', (brokers) => {
    expect(() => settingsOf({ ...minimal, KAFKA_BROKERS: brokers })).toThrow(
      /KAFKA_BROKERS has .*: expected host:port, several separated by commas/,
    );
  });

  test('an address that is none is not repeated where it may have a password in it', () => {
    const read = () =>
      settingsOf({ ...minimal, SCHEMA_REGISTRY_URL: 'htps://user:secret@registry' });
    expect(read).toThrow(
      'SCHEMA_REGISTRY_URL is no address: expected one, as SCHEMA_REGISTRY_URL=http://localhost:8081',
    );
    expect(read).not.toThrow(/secret/);
  });

  test('a duration has a lower and an upper limit', () => {
    const read = new SettingsReader('inventory', { A: '1000', B: '999', C: '1e3', D: '9001' });
    const limits = { min: 1_000, max: 9_000 };
    const durations = ['A', 'B', 'C', 'D', 'E'].map((name) => read.durationMs(name, 5_000, limits));
    expect(durations).toEqual([1_000, 5_000, 5_000, 5_000, 5_000]);
    const fault = 'expected milliseconds, a whole number from 1000 to 9000';
    expect(() => read.finish({})).toThrow(
      ['B is "999"', 'C is "1e3"', 'D is "9001"'].map((is) => `  - ${is}: ${fault}`).join('\n'),
    );
  });

  test('an IPv6 broker is taken', () => {
    const { kafka } = settingsOf({ ...minimal, KAFKA_BROKERS: '[::1]:9092' });
    expect(kafka.brokers).toEqual(['[::1]:9092']);
  });
});
