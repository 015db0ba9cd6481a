import { type SchemaRegistry as RegistryServer, startSchemaRegistry } from '@troupe/infra';
import { registryContract } from '@troupe/testing/registry-contract';
import { createRegistryClient } from './registry-client.ts';

let server: RegistryServer | undefined;

registryContract(
  'client of a real registry',
  { outage: true },
  {
    async setup() {
      const { url, kill, restart } = await startSchemaRegistry().then((started) => {
        server = started;
        return started;
      });
      return {
        open: (compatibility) => createRegistryClient({ url, compatibility, attemptsMax: 2 }),
        stop: () => kill(),
        restart: () => restart(),
      };
    },
    teardown: async () => server?.stop(),
  },
);
