import type { Clock } from '@troupe/core';
import type { OrderEnds } from './observer/order-ends.ts';
import type { OrderSeries } from './orders/order-series.ts';
import type { Shop } from './shop/shop.ts';
import type { Slots } from './slots.ts';

export interface PlacingOptions {
  readonly shop: Pick<Shop, 'place'>;
  readonly series: OrderSeries;
  readonly ends: OrderEnds;
  /** Taken here for each order; given back by who sees it end. */
  readonly slots: Slots;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Places all orders of the series as slots become free. Rejects when one cannot be placed. */
export async function placeOrders(options: PlacingOptions): Promise<void> {
  const { shop, series, ends, slots, clock, signal } = options;
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const placing = new Set<Promise<void>>();
  for (let index = 0; index < series.count; index += 1) {
    await slots.take(stop);
    ends.place(index, clock.monotonicMs());
    const placed = shop
      .place(series.at(index))
      .catch((error: unknown) => failed.abort(error))
      .finally(() => placing.delete(placed));
    placing.add(placed);
  }
  await Promise.all(placing);
  failed.signal.throwIfAborted();
}
