import { setTimeout as delay } from 'node:timers/promises';
import type { OrderRequest } from '@shop/order';

const retryDelayMs = 250;
const answerWithinMs = 10_000;

/**
 * Places an order as a patient customer does: asks again, with the same id, until it is taken. Resolves then; rejects when
 * it is refused for good, or with the signal.
 */
export async function postOrder(
  order: OrderRequest,
  url: () => Promise<string>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const status = await tryToPost(order, await url(), signal);
    if (status === 202) return;
    if (status !== undefined && status !== 503) {
      throw new Error(`order ${order.orderId} was refused with status ${status}`);
    }
    await delay(retryDelayMs, undefined, { signal });
  }
}

/** Undefined: no answer. */
async function tryToPost(
  order: OrderRequest,
  url: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    });
    await response.text();
    return response.status;
  } catch {
    // Its process is down, or frozen; nobody knows whether the order was taken.
    signal.throwIfAborted();
    return undefined;
  }
}
