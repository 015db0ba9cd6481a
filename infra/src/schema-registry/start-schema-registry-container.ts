import { GenericContainer, Wait } from 'testcontainers';
import { dockerHost, startServerContainer } from '../containers/server-container.ts';
import { freePort } from '../processes/free-port.ts';
import { images } from '../versions.ts';
import {
  confluentApiPath,
  type SchemaRegistry,
  type SchemaRegistryOptions,
} from './schema-registry.ts';

const containerPort = 8080;

/** Apicurio Registry in a container of the image that docker-compose.yml uses. */
export async function startSchemaRegistryContainer(
  options: SchemaRegistryOptions,
): Promise<SchemaRegistry> {
  const port = await freePort();
  const container = new GenericContainer(images.apicurio)
    .withExposedPorts({ container: containerPort, host: port })
    .withEnvironment({ APICURIO_DATASOURCE_URL: 'jdbc:h2:file:/tmp/registry;WRITE_DELAY=0' })
    .withWaitStrategy(Wait.forHttp(`${confluentApiPath}/subjects`, containerPort));
  const server = await startServerContainer(container, options.signal);
  return {
    url: `http://${await dockerHost()}:${port}${confluentApiPath}`,
    stop: () => server.remove(),
    kill: () => server.kill(),
    restart: () => server.restart(),
  };
}
