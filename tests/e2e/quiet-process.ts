import { writeSync } from 'node:fs';
import { createCoordinator } from '@troupe/coordinator';
import { createService, implement } from '@troupe/core';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { createJsonLogger } from '@troupe/service-process';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { Answered, answer, phoneCall } from './call-saga.ts';

// A service, or a coordinator, that listens at no port and does nothing else: only Troupe keeps its process alive.
const { ROLE, KAFKA_BROKERS = '', SCHEMA_REGISTRY_URL = '' } = process.env;
const name = ROLE === 'coordinator' ? 'troupe-coordinator' : 'answering';
const logger = createJsonLogger(name, 'warn');
const transport = createKafkajsTransport({
  brokers: KAFKA_BROKERS.split(','),
  clientId: name,
  logger,
});
const serde = createAvroSerde({ registry: createRegistryClient({ url: SCHEMA_REGISTRY_URL }) });

const running =
  ROLE === 'coordinator'
    ? createCoordinator({ transport, serde, logger })
    : createService({
        name,
        transport,
        serde,
        logger,
        sagas: [phoneCall],
        handlers: [implement(answer, { execute: async ({ id }) => new Answered({ id }) })],
      });
process.once('SIGTERM', async () => {
  await running.stop();
  await transport.close();
  writeSync(1, 'has stopped\n');
});
await running.start();
writeSync(1, 'takes part\n');
