import { describe, expect, it } from 'vitest';
import { obtainServers } from './obtain-servers.ts';
import { environmentOf } from './server-addresses.ts';

describe('obtainServers', () => {
  it('takes the servers that the environment names, and starts none', async () => {
    const env = {
      KAFKA_BROKERS: 'one:9092,two:9092',
      SCHEMA_REGISTRY_URL: 'http://registry',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    };
    const servers = await obtainServers({ env });
    expect(servers.addresses.kafkaBrokers).toBe('one:9092,two:9092');
    expect(environmentOf(servers.addresses)).toEqual(env);
    await servers.stop();
  });
});
