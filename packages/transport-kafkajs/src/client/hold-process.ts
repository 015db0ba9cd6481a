import { MessageChannel } from 'node:worker_threads';

/**
 * Keeps the process alive. While all brokers are away there is no connection, and the timers of the system's clock do not
 * keep it: it would end, without a word, as if it had done its work. Returns how to let it go.
 */
export function holdProcess(): () => void {
  const { port1 } = new MessageChannel();
  port1.on('message', () => undefined);
  return () => port1.close();
}
