import { registryContract } from '@troupe/testing/registry-contract';
import { createInProcessRegistry } from './in-process-registry.ts';
import type { CompatibilityLevel, SchemaRegistry } from './schema-registry.ts';

registryContract(
  'in process',
  { outage: false },
  {
    async setup() {
      // The level belongs to the registry here, not to a client of it.
      const registries = new Map<CompatibilityLevel, SchemaRegistry>();
      const open = (compatibility: CompatibilityLevel) => {
        const registry =
          registries.get(compatibility) ?? createInProcessRegistry({ compatibility });
        registries.set(compatibility, registry);
        return registry;
      };
      return { open, stop: async () => undefined, restart: async () => undefined };
    },
    teardown: async () => undefined,
  },
);
