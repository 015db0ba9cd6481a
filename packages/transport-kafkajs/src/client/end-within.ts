import type { Surroundings } from './kafka-client.ts';

/** Waits for `ending`, for `closeTimeoutMs` at most. What fails or does not end has its connections cut afterwards. */
export async function endWithin(
  { clock, limits, logger }: Surroundings,
  ending: Promise<unknown>,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(limits.closeTimeoutMs, resolve);
  const ended = ending.catch((error: unknown) => {
    logger.debug('a kafkajs client did not end in order', { error });
  });
  await Promise.race([ended, late]);
  cancel();
}
