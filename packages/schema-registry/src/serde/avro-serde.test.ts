import { serdeContract } from '@troupe/testing/serde-contract';
import { createInProcessRegistry } from '../registry/in-process-registry.ts';
import { createAvroSerde } from './avro-serde.ts';

serdeContract(
  'avro, registry in process',
  { outage: false },
  {
    async setup() {
      const registry = createInProcessRegistry();
      const { signal } = new AbortController();
      return {
        open: () => createAvroSerde({ registry }),
        register: (subject, text) => registry.register(subject, text, signal),
        stop: async () => undefined,
        restart: async () => undefined,
      };
    },
    teardown: async () => undefined,
  },
);
