import { GenericContainer, Wait } from 'testcontainers';
import { dockerHost, startServerContainer } from '../containers/server-container.ts';
import { freePort } from '../processes/free-port.ts';
import { images } from '../versions.ts';
import type { Jaeger, JaegerOptions } from './jaeger.ts';

const otlpContainerPort = 4318;
const queryContainerPort = 16_686;

/** Jaeger in a container of the image that docker-compose.yml uses. */
export async function startJaegerContainer(options: JaegerOptions): Promise<Jaeger> {
  const otlpPort = await freePort();
  const queryPort = await freePort();
  const container = new GenericContainer(images.jaeger)
    .withExposedPorts(
      { container: otlpContainerPort, host: otlpPort },
      { container: queryContainerPort, host: queryPort },
    )
    .withWaitStrategy(Wait.forHttp('/api/services', queryContainerPort));
  const server = await startServerContainer(container, options.signal);
  const host = await dockerHost();
  return {
    otlpEndpoint: `http://${host}:${otlpPort}`,
    queryUrl: `http://${host}:${queryPort}`,
    stop: () => server.remove(),
  };
}
