import { setTimeout as delay } from 'node:timers/promises';
import { expectedEnd, type OrderSeries } from '@shop/demo';
import { partitionOf } from '@troupe/core/internal';
import type { OrderFlow } from '../orders/order-flow.ts';

export interface Recovering {
  readonly flow: OrderFlow;
  readonly series: OrderSeries;
  readonly partitions: number;
  readonly signal: AbortSignal;
}

const pollMs = 10;
/** Beyond any machine's patience. */
const recoversWithinMs = 240_000;

/**
 * How long it takes from `faultAtMs` until orders go through again in every partition: places orders right away, of each
 * partition one that passes through every service, and waits until all of them have ended. Undefined: they have not.
 */
export async function timeToRecovery(
  { flow, series, partitions, signal }: Recovering,
  faultAtMs: number,
): Promise<number | undefined> {
  const uncovered = new Set(Array.from({ length: partitions }, (_, number) => number));
  const probes: number[] = [];
  while (uncovered.size > 0) {
    const index = flow.placeNext();
    const order = series.at(index);
    if (expectedEnd(order).kind !== 'completed') continue;
    if (uncovered.delete(partitionOf(Buffer.from(order.orderId), partitions))) probes.push(index);
  }
  while (!probes.every((index) => flow.hasEnded(index))) {
    if (performance.now() - faultAtMs > recoversWithinMs) return undefined;
    await delay(pollMs, undefined, { signal });
  }
  return performance.now() - faultAtMs;
}
