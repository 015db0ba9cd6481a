import type { Consumer } from 'kafkajs';

/** Resolves when the consumer has joined its group. A crash after which it does not start anew goes to `onFault`. */
export function joined(consumer: Consumer, onFault: (error: unknown) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (payload.restart) return;
    reject(payload.error);
    onFault(payload.error);
  });
  promise.catch(() => undefined); // Whoever connects may have failed before anybody waits for it.
  return promise;
}
