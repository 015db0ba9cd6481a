import { hosting } from '../servers/hosting.ts';
import type { SchemaRegistry, SchemaRegistryOptions } from './schema-registry.ts';
import { startSchemaRegistryProcess } from './start-schema-registry-process.ts';

/** Starts an own registry with Confluent's API: in a container where Docker runs, else a process. */
export async function startSchemaRegistry(
  options: SchemaRegistryOptions = {},
): Promise<SchemaRegistry> {
  if ((await hosting()) === 'processes') return startSchemaRegistryProcess(options);
  const { startSchemaRegistryContainer } = await import('./start-schema-registry-container.ts');
  return startSchemaRegistryContainer(options);
}
