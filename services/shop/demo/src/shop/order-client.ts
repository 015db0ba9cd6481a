import type { OrderRequest } from '@shop/order';
import type { Clock } from '@troupe/core';

const attemptsMax = 8;
const firstDelayMs = 100;

/**
 * Places an order over HTTP. Asks again when the service does not answer, or its broker does not: the order has its id,
 * so that it is placed once.
 */
export async function postOrder(posting: Posting): Promise<void> {
  const { order, clock, signal } = posting;
  for (let attempt = 1; ; attempt += 1) {
    const refusal = await tryPost(posting);
    if (refusal === undefined) return;
    if (!refusal.again || attempt === attemptsMax) {
      throw new Error(`order ${order.orderId} was not taken: ${refusal.reason}`);
    }
    await clock.sleep(firstDelayMs * 2 ** (attempt - 1), signal);
  }
}

export interface Posting {
  readonly url: string;
  readonly order: OrderRequest;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: the platform's. */
  readonly send?: typeof fetch | undefined;
}

interface Refusal {
  readonly reason: string;
  readonly again: boolean;
}

async function tryPost(posting: Posting): Promise<Refusal | undefined> {
  const { url, order, signal, send = fetch } = posting;
  try {
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
      signal,
    });
    const answer = await response.text();
    if (response.status === 202) return undefined;
    return { reason: `${response.status} ${answer}`, again: response.status === 503 };
  } catch (error) {
    signal.throwIfAborted();
    return { reason: String(error), again: true };
  }
}
