import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@troupe/core';

/** The file of a service's database in `dataFolder`, which is made when it is missing. */
export function databasePath(dataFolder: string, service: string): string {
  try {
    mkdirSync(dataFolder, { recursive: true });
  } catch (cause) {
    throw new ConfigurationError(
      `DATA_DIR: ${dataFolder} cannot be made (${String(cause)}). Set DATA_DIR to a folder that may be written to.`,
      { cause, details: { dataFolder } },
    );
  }
  return join(dataFolder, `${service}.db`);
}
