import {
  type Audit,
  audit,
  OrderObserver,
  type OrderSeries,
  orderSeries,
  ShopBooks,
  type ShopDatabases,
} from '@shop/demo';
import type { OrderRequest } from '@shop/order';
import { systemClock } from '@troupe/core';
import { expect, vi } from 'vitest';
import type { Connection } from '../installations/kafka-and-registry.ts';

export interface OrderRunOptions {
  readonly connection: Connection;
  readonly databases: ShopDatabases;
  readonly place: (order: OrderRequest) => Promise<unknown>;
  readonly count: number;
  readonly seed: number;
  /** The first part of every order's id: no other run of the same shop has it. */
  readonly prefix: string;
}

/** Beyond any machine's patience: what takes longer is lost. */
const endsWithinMs = 120_000;

/**
 * Orders of a shop, as many and as fast as a test likes, and what became of them.
 *
 * Owns its observer. Does not own the shop.
 */
export class OrderRun {
  readonly series: OrderSeries;
  readonly #options: OrderRunOptions;
  readonly #observer: OrderObserver;
  readonly #placing = new Set<Promise<unknown>>();
  #placed = 0;
  #crash: Error | undefined;

  private constructor(options: OrderRunOptions) {
    this.#options = options;
    const { connection, count, seed, prefix } = options;
    this.series = orderSeries({ seed, count, prefix });
    this.#observer = new OrderObserver({
      ...connection,
      series: this.series,
      groupId: `observer-${prefix}`,
      watched: [],
      clock: systemClock,
      onFirstEnd: () => undefined,
      onCrash: (error) => {
        this.#crash = error;
      },
    });
  }

  static async open(options: OrderRunOptions): Promise<OrderRun> {
    const run = new OrderRun(options);
    await run.#observer.start();
    return run;
  }

  get placed(): number {
    return this.#placed;
  }

  /** Orders that completed or were compensated. */
  get ended(): number {
    const { ends } = this.#observer;
    return ends.count('completed') + ends.count('compensated');
  }

  get open(): number {
    return this.#placed - this.ended;
  }

  /** Places the next orders, at once; does not wait for their ends, nor for the broker. */
  place(count: number): void {
    const until = Math.min(this.#placed + count, this.series.count);
    for (; this.#placed < until; this.#placed += 1) {
      this.#observer.ends.place(this.#placed, systemClock.monotonicMs());
      const placed = this.#options.place(this.series.at(this.#placed));
      placed.catch(() => undefined);
      this.#placing.add(placed);
    }
  }

  /** Resolves when this many orders have ended. */
  async hasEnded(count: number): Promise<void> {
    await vi.waitFor(
      () => {
        if (this.#crash !== undefined) throw this.#crash;
        expect(this.ended, 'orders that have ended').toBeGreaterThanOrEqual(count);
      },
      { timeout: endsWithinMs, interval: 10 },
    );
  }

  /** Resolves when every order that was placed has ended, and the warehouse has booked its parcel. */
  async allEnded(): Promise<void> {
    await Promise.all(this.#placing);
    await this.hasEnded(this.#placed);
    const books = new ShopBooks(this.#options.databases);
    try {
      await vi.waitFor(() => expect(books.heldReservations()).toBe(0), endsWithinMs);
    } finally {
      books.close();
    }
  }

  /** Each order that was placed against its data, and the books of all services against each other. */
  async audit(): Promise<Audit> {
    await this.#observer.settled();
    const { databases, seed, prefix } = this.#options;
    const series = orderSeries({ seed, count: this.#placed, prefix });
    return audit({ databases, series, ends: this.#observer.ends, alone: false });
  }

  async close(): Promise<void> {
    await this.#observer.stop();
  }
}
