import { type Clock, systemRandom } from '@troupe/core';
import type { DemoOptions } from './arguments.ts';
import { audit } from './books/audit.ts';
import { ShopBooks } from './books/shop-books.ts';
import { jaegerHasPages, traceExtent } from './observer/jaeger-trace.ts';
import { OrderObserver } from './observer/order-observer.ts';
import { tellStory } from './observer/story.ts';
import { orderSeries, tellingOrders } from './orders/order-series.ts';
import type { Progress } from './output/progress.ts';
import { placeOrders } from './place-orders.ts';
import type { Shop } from './shop/shop.ts';
import { Slots } from './slots.ts';
import { figuresOf, type Story, type Summary, type TraceLink } from './summary.ts';

/** Orders that are under way at once: a queue at the door, not a flood. */
const inFlightMax = 32;
/** Longer than any step may take. What was silent for as long is lost. */
const silenceMsMax = 90_000;
/** How long an order that is stuck may take to come free by itself, when nothing else is under way. */
const stuckMsMax = 5_000;
/** How long the warehouse may take to book the last parcels, which no order waits for. */
const bookingMsMax = 10_000;
const pollMs = 10;

export interface DemoRun {
  readonly options: Pick<DemoOptions, 'orders' | 'seed'>;
  readonly shop: Shop;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Places the orders, waits for each one's end, stops the shop and looks into its books. */
export async function runDemo(run: DemoRun): Promise<Summary> {
  const { options, shop, progress, clock } = run;
  const series = orderSeries({
    seed: options.seed,
    count: options.orders,
    prefix: shop.orderPrefix,
  });
  const telling = tellingOrders(series);
  const slots = new Slots(inFlightMax);
  const crashed = new AbortController();
  const observer = new OrderObserver({
    transport: shop.transport,
    serde: shop.serde,
    series,
    groupId: `demo-${systemRandom.id()}`,
    watched: Object.values(telling).filter((index) => index !== undefined),
    clock,
    onFirstEnd: () => slots.give(),
    onCrash: (error) => crashed.abort(error),
  });
  shop.died.catch((error: unknown) => crashed.abort(error));
  const signal = AbortSignal.any([run.signal, crashed.signal]);
  await observer.start();
  const { ends } = observer;
  const startedAtMs = clock.monotonicMs();
  progress.show(() => ({
    orders: series.count,
    ends,
    elapsedMs: clock.monotonicMs() - startedAtMs,
  }));

  await placeOrders({ shop, series, ends, slots, clock, signal });
  await allEnded(observer, clock, signal);
  await booked(shop, ends.count('stuck') + ends.count('open'), clock, signal);
  await observer.stop();

  const story = await storyOf(telling.compensated);
  await shop.stop();
  const { databases, alone } = shop;
  const found = audit({ databases, series, ends, alone });
  const figures = figuresOf(series, ends, startedAtMs);
  return { ...figures, audit: found, story, traces: await traceLinks() };

  async function storyOf(index: number | undefined): Promise<Story | undefined> {
    const watched = index === undefined ? undefined : observer.watched(index);
    if (index === undefined || watched === undefined) return undefined;
    return { order: series.at(index), lines: await tellStory(watched, shop.serde) };
  }

  /** After the services have ended, which is when they send their last spans. */
  async function traceLinks(): Promise<TraceLink[]> {
    const links: TraceLink[] = [];
    if (shop.jaeger === undefined) return links;
    const { queryUrl } = shop.jaeger;
    const hasPages = await jaegerHasPages(queryUrl, run.signal);
    for (const index of [telling.completed, telling.compensated]) {
      const traceId = index === undefined ? undefined : observer.watched(index)?.traceId;
      if (index === undefined || traceId === undefined) continue;
      const extent = await traceExtent(queryUrl, traceId, clock, run.signal);
      const { orderId } = series.at(index);
      const url = `${queryUrl}/trace/${traceId}`;
      const jsonUrl = hasPages ? undefined : `${queryUrl}/api/traces/${traceId}`;
      links.push({ orderId, end: ends.end(index), url, jsonUrl, extent });
    }
    return links;
  }
}

/** Resolves when every order has its end, or when the open ones were silent for too long. */
async function allEnded(observer: OrderObserver, clock: Clock, signal: AbortSignal): Promise<void> {
  const { ends } = observer;
  for (;;) {
    const open = ends.count('open');
    if (open === 0 && ends.count('stuck') === 0) return;
    const silentMs = clock.monotonicMs() - observer.heardAtMs;
    if (silentMs > (open === 0 ? stuckMsMax : silenceMsMax)) return;
    await clock.sleep(pollMs, signal);
  }
}

/** Resolves when no reservation waits for its parcel any more, but those of orders without an end. */
async function booked(
  shop: Shop,
  unended: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAtMs = clock.monotonicMs() + bookingMsMax;
  const books = new ShopBooks(shop.databases);
  try {
    while (books.heldReservations() > unended && clock.monotonicMs() < giveUpAtMs) {
      await clock.sleep(pollMs, signal);
    }
  } finally {
    books.close();
  }
}
