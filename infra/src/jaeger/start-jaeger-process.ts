import { answers } from '../processes/answers.ts';
import { withDataFolder } from '../processes/data-folder.ts';
import { freePort, onFreePorts } from '../processes/free-port.ts';
import { startServerProcess } from '../processes/server-process.ts';
import type { Jaeger, JaegerOptions } from './jaeger.ts';
import { installJaeger } from './jaeger-distribution.ts';

const tracesMax = 20_000;

/** Listeners that we do not use, which would take fixed ports otherwise. */
const unusedListeners = [
  'admin.http.host-port',
  'collector.grpc-server.host-port',
  'collector.http-server.host-port',
  'collector.otlp.grpc.host-port',
  'http-server.host-port',
  'processor.jaeger-binary.server-host-port',
  'processor.jaeger-compact.server-host-port',
  'processor.zipkin-compact.server-host-port',
  'query.grpc-server.host-port',
];

/** Jaeger as a plain process, built from its Go module on first use (minutes). */
export async function startJaegerProcess(options: JaegerOptions): Promise<Jaeger> {
  const { signal } = options;
  const command = await installJaeger(signal);
  return onFreePorts(async () => {
    const otlpPort = await freePort();
    const queryPort = await freePort();
    const unused = await Promise.all(
      unusedListeners.map(async (listener) => `--${listener}=127.0.0.1:${await freePort()}`),
    );
    return withDataFolder('jaeger', async (folder, removeFolder) => {
      const server = await startServerProcess({
        name: 'Jaeger',
        command,
        args: [
          `--collector.otlp.http.host-port=127.0.0.1:${otlpPort}`,
          `--query.http-server.host-port=127.0.0.1:${queryPort}`,
          `--memory.max-traces=${tracesMax}`,
          ...unused,
        ],
        folder,
        removedAfterCrash: folder,
        isReady: () => answers(`http://127.0.0.1:${queryPort}/api/services`),
        signal,
      });
      return {
        otlpEndpoint: `http://127.0.0.1:${otlpPort}`,
        queryUrl: `http://127.0.0.1:${queryPort}`,
        stop: async () => {
          await server.kill();
          await removeFolder();
        },
      };
    });
  });
}
