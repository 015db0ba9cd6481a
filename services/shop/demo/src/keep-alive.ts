import { MessageChannel } from 'node:worker_threads';

/**
 * Keeps the process alive: where there is no connection, only timers are pending, and those of the system's clock do
 * not keep it. Returns how to let it go.
 */
export function keepAlive(): () => void {
  const { port1 } = new MessageChannel();
  port1.on('message', () => undefined);
  return () => port1.close();
}
