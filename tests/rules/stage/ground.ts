import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Serde, Transport } from '@troupe/core';
import { createMemoryLog, createMemoryTransport } from '@troupe/core/memory';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';

/** What a stage stands on: a log and a schema registry, to which every part has connections of its own. */
export interface Ground {
  connect(clientId: string): { readonly transport: Transport; readonly serde: Serde };
  /** For databases. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Everything in this process, and the databases in files. */
export async function memoryGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'troupe-rules-'));
  const log = createMemoryLog();
  const registry = createInProcessRegistry();
  return {
    folder,
    connect: () => ({
      transport: createMemoryTransport({ log }),
      serde: createAvroSerde({ registry }),
    }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
