import { type SchemaRegistry as RegistryServer, startSchemaRegistry } from '@troupe/infra';
import { serdeContract } from '@troupe/testing/serde-contract';
import { createRegistryClient } from '../registry/registry-client.ts';
import { createAvroSerde } from './avro-serde.ts';

let server: RegistryServer | undefined;

serdeContract(
  'avro, a real registry',
  { outage: true },
  {
    async setup() {
      const { url, kill, restart } = await startSchemaRegistry().then((started) => {
        server = started;
        return started;
      });
      const open = () => createRegistryClient({ url, attemptsMax: 2 });
      const { signal } = new AbortController();
      return {
        open: () => createAvroSerde({ registry: open() }),
        register: (subject, text) => open().register(subject, text, signal),
        stop: () => kill(),
        restart: () => restart(),
      };
    },
    teardown: async () => server?.stop(),
  },
);
