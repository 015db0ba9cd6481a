// Answers questions at once, unless it sleeps. KAFKA_BROKERS, SCHEMA_REGISTRY_URL.
import { createService } from '@troupe/core';
import { createMemoryInbox } from '@troupe/core/memory';
import { createAvroSerde, createRegistryClient } from '@troupe/schema-registry';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { answerer, question } from './question-saga.ts';

const { KAFKA_BROKERS = '', SCHEMA_REGISTRY_URL = '' } = process.env;
const service = createService({
  // One of the groups whose topics are made.
  name: 'till',
  transport: createKafkajsTransport({ brokers: KAFKA_BROKERS.split(','), clientId: 'till' }),
  serde: createAvroSerde({ registry: createRegistryClient({ url: SCHEMA_REGISTRY_URL }) }),
  sagas: [question],
  handlers: [answerer],
  inbox: createMemoryInbox(),
});
await service.start();
process.stdout.write('takes part\n');
