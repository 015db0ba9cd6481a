import { expectedEnd } from './expected-end.ts';
import { type GeneratedOrder, orderAt } from './generate-order.ts';

/** The orders of one run. They are made anew whenever they are asked for: nobody keeps them. */
export interface OrderSeries {
  readonly count: number;
  at(index: number): GeneratedOrder;
  /** Undefined: an order of somebody else. */
  indexOf(orderId: string): number | undefined;
}

export interface SeriesOptions {
  readonly seed: number;
  readonly count: number;
  /** The first part of every order's id. */
  readonly prefix: string;
}

export function orderSeries({ seed, count, prefix }: SeriesOptions): OrderSeries {
  return {
    count,
    at: (index) => orderAt(seed, index, prefix),
    indexOf(orderId) {
      if (!orderId.startsWith(`${prefix}-`)) return undefined;
      const digits = orderId.slice(prefix.length + 1);
      const index = /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) - 1 : undefined;
      return index !== undefined && index < count ? index : undefined;
    },
  };
}

/** Orders worth a closer look, by index. Undefined: there is none of its kind. */
export interface TellingOrders {
  /** Must complete. */
  readonly completed: number | undefined;
  /** Must be compensated; where there is one, an order that comes as far as shipping. */
  readonly compensated: number | undefined;
}

export function tellingOrders(series: OrderSeries): TellingOrders {
  let completed: number | undefined;
  let compensated: number | undefined;
  for (let index = 0; index < series.count; index += 1) {
    const end = expectedEnd(series.at(index));
    if (end.kind === 'completed') completed ??= index;
    else if (end.reasons.includes('address-not-served')) {
      return { completed: completed ?? firstCompleted(series, index), compensated: index };
    } else compensated ??= index;
  }
  return { completed, compensated };
}

function firstCompleted(series: OrderSeries, from: number): number | undefined {
  for (let index = from; index < series.count; index += 1) {
    if (expectedEnd(series.at(index)).kind === 'completed') return index;
  }
  return undefined;
}
