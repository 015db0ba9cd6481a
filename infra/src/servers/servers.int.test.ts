import { describe, expect, it } from 'vitest';
import { startKafka } from '../kafka/start-kafka.ts';
import { answers } from '../processes/answers.ts';
import { canListen } from '../processes/free-port.ts';
import { startSchemaRegistry } from '../schema-registry/start-schema-registry.ts';
import { jaeger, jaegerMissing, kafkaBrokers, schemaRegistryUrl } from '../test-servers.ts';

describe('the servers that all integration tests share', () => {
  it('listen where tests are told', async () => {
    expect(kafkaBrokers()).toHaveLength(1);
    expect(await answers(`${schemaRegistryUrl()}/subjects`)).toBe(true);
  });

  it.skipIf(jaegerMissing() !== undefined)('include a Jaeger', async () => {
    expect(await answers(`${jaeger().queryUrl}/api/services`)).toBe(true);
  });
});

describe('startKafka', () => {
  it('starts three brokers, of which each can be killed and comes back on its port', async () => {
    const kafka = await startKafka({ brokers: 3 });
    try {
      expect(kafka.bootstrapServers.split(',')).toEqual(
        kafka.brokers.map(({ port }) => `127.0.0.1:${port}`),
      );
      const [, broker] = kafka.brokers;
      if (broker === undefined) throw new Error('There are three brokers.');
      const firstPid = broker.pid;
      await broker.kill();
      expect(await canListen(broker.port)).toBe(true);
      await broker.restart();
      expect(await canListen(broker.port)).toBe(false);
      expect(broker.pid).not.toBe(firstPid);
    } finally {
      await kafka.stop();
    }
  });
});

describe('startSchemaRegistry', () => {
  it('keeps what it acknowledged through a kill', async () => {
    const registry = await startSchemaRegistry();
    try {
      const registration = await fetch(`${registry.url}/subjects/kept/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schema: '"string"' }),
      });
      expect(registration.status).toBe(200);
      await registry.kill();
      expect(await answers(`${registry.url}/subjects`)).toBe(false);
      await registry.restart();
      const subjects = await fetch(`${registry.url}/subjects`);
      expect(await subjects.json()).toEqual(['kept']);
    } finally {
      await registry.stop();
    }
  });
});
