import type { OrderObserver, OrderSeries } from '@shop/demo';
import type { OrderRequest } from '@shop/order';

export interface OrderFlowOptions {
  readonly series: OrderSeries;
  readonly observer: OrderObserver;
  readonly ratePerSecond: number;
  /** Resolves when the order was taken. */
  readonly post: (order: OrderRequest) => Promise<void>;
  readonly onFault: (fault: string) => void;
}

/** Open orders beyond which no more come in by themselves: the flow shall not become a flood while all is down. */
const openMax = 1_000;

/**
 * Orders that come in at a steady rate, one after the other of their series. Owns the number of those that were placed,
 * and the ids of those that were acknowledged.
 */
export class OrderFlow {
  readonly acknowledged: string[] = [];
  readonly #options: OrderFlowOptions;
  readonly #placing = new Set<Promise<void>>();
  #placed = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OrderFlowOptions) {
    this.#options = options;
  }

  get placed(): number {
    return this.#placed;
  }

  get open(): number {
    const { ends } = this.#options.observer;
    return ends.count('open') + ends.count('stuck');
  }

  start(): void {
    const { ratePerSecond } = this.#options;
    this.#timer ??= setInterval(() => {
      if (this.open < openMax) this.placeNext();
    }, 1_000 / ratePerSecond);
  }

  /** Resolves when every order that was placed is acknowledged. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#placing);
  }

  /** Returns its index. */
  placeNext(): number {
    const { series, observer, post, onFault } = this.#options;
    const index = this.#placed;
    if (index >= series.count)
      throw new Error(`the series has no more than ${series.count} orders`);
    this.#placed += 1;
    const order = series.at(index);
    observer.ends.place(index, performance.now());
    const placing = post(order)
      .then(
        () => {
          this.acknowledged.push(order.orderId);
        },
        (error: unknown) => onFault(`${order.orderId} was not taken: ${String(error)}`),
      )
      .finally(() => this.#placing.delete(placing));
    this.#placing.add(placing);
    return index;
  }

  /** Whether an order has completed, or was compensated. */
  hasEnded(index: number): boolean {
    const end = this.#options.observer.ends.end(index);
    return end === 'completed' || end === 'compensated';
  }
}
