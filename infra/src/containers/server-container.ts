// The containers' counterpart of a server process: the same power over it, through Docker.
//
// 1. Its host port is fixed, so that clients find it again after a restart.
// 2. testcontainers' own reaper removes it when this process dies.
import { type GenericContainer, getContainerRuntimeClient } from 'testcontainers';

export interface ServerContainer {
  readonly pid: number;
  remove(): Promise<void>;
  /** Sends SIGTERM and waits. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Starts it again with its data, and returns when it is ready. */
  restart(): Promise<void>;
}

/** The address under which this machine reaches published ports. */
export async function dockerHost(): Promise<string> {
  return (await getContainerRuntimeClient()).info.containerRuntime.host;
}

export async function startServerContainer(
  container: GenericContainer,
  signal: AbortSignal | undefined,
): Promise<ServerContainer> {
  signal?.throwIfAborted();
  const started = await container.withAutoRemove(false).start();
  const client = await getContainerRuntimeClient();
  const handle = client.container.getById(started.getId());
  const readPid = async () => (await handle.inspect()).State.Pid;
  const isRunning = async () => (await handle.inspect()).State.Running;
  let pid = await readPid();
  const server: ServerContainer = {
    get pid() {
      return pid;
    },
    remove: async () => {
      await started.stop({ remove: true, timeout: 0 });
    },
    stop: async () => {
      if (await isRunning()) await client.container.stop(handle);
    },
    kill: async () => {
      if (await isRunning()) await handle.kill();
    },
    pause: async () => {
      await handle.pause();
    },
    resume: async () => {
      await handle.unpause();
    },
    restart: async () => {
      await started.restart();
      pid = await readPid();
    },
  };
  if (signal?.aborted) {
    await server.remove();
    signal.throwIfAborted();
  }
  return server;
}
