import { join } from 'node:path';
import { answers } from '../processes/answers.ts';
import { withDataFolder } from '../processes/data-folder.ts';
import { freePort, onFreePorts } from '../processes/free-port.ts';
import { startServerProcess } from '../processes/server-process.ts';
import { installApicurio } from './apicurio-distribution.ts';
import {
  confluentApiPath,
  type SchemaRegistry,
  type SchemaRegistryOptions,
} from './schema-registry.ts';

/** Apicurio Registry as a plain Java process, fetched on first use. */
export async function startSchemaRegistryProcess(
  options: SchemaRegistryOptions,
): Promise<SchemaRegistry> {
  const { signal } = options;
  const java = await installApicurio(signal);
  return onFreePorts(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}${confluentApiPath}`;
    return withDataFolder('registry', async (folder, removeFolder) => {
      const start = () =>
        startServerProcess({
          name: 'The schema registry',
          command: java.command,
          args: java.args,
          env: {
            QUARKUS_HTTP_HOST: '127.0.0.1',
            QUARKUS_HTTP_PORT: String(port),
            // Without a write delay: what was acknowledged outlives a kill.
            APICURIO_DATASOURCE_URL: `jdbc:h2:file:${join(folder, 'registry')};WRITE_DELAY=0`,
          },
          folder,
          removedAfterCrash: folder,
          isReady: () => answers(`${url}/subjects`),
          signal,
        });
      let server = await start();
      return {
        url,
        stop: async () => {
          await server.kill();
          await removeFolder();
        },
        kill: () => server.kill(),
        restart: async () => {
          await server.stop();
          server = await start();
        },
      };
    });
  });
}
