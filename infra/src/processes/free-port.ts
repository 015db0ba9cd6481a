import { createServer } from 'node:net';

const portMin = 20_000;
const portMax = 31_999;
const attemptsMax = 100;
const handedOut = new Set<number>();

/**
 * A free port of the loopback address that this process has not handed out before. It lies below
 * the range from which systems take ports for outgoing connections, so that nobody takes it while
 * a server is down between a kill and its restart.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = portMin + Math.floor(Math.random() * (portMax - portMin + 1));
    if (handedOut.has(port) || !(await canListen(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`No free port between ${portMin} and ${portMax} after ${attemptsMax} attempts.`);
}

/** Whether nothing listens on this port, neither on loopback nor on all addresses. */
export function canListen(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => settle(true)),
    );
  });
}

const startsMax = 3;

/** Starts again, on other ports, when somebody was quicker to take one of those just found free. */
export async function onFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (attempt === startsMax || !isPortTaken(error)) throw error;
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && /address already in use|BindException/i.test(error.message);
}
