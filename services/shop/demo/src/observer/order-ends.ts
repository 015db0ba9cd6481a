/** How an order ended, as far as anybody can see. `open`: not yet. */
export type OrderEnd = 'open' | 'completed' | 'compensated' | 'stuck';

const codes: readonly OrderEnd[] = ['open', 'completed', 'compensated', 'stuck'];

/**
 * Owns what is known of each order of a run, by index: a few numbers an order, so that a hundred thousand fit.
 *
 * 1. Every order that was placed is open, completed, compensated or stuck; the counts are those of the ends.
 * 2. The duration of an order is set at its first end and stays; being stuck is one.
 */
export class OrderEnds {
  readonly #ends: Uint8Array;
  readonly #placedAtMs: Float64Array;
  readonly #durationMs: Float64Array;
  readonly #counts: Record<OrderEnd, number> = { open: 0, completed: 0, compensated: 0, stuck: 0 };
  readonly #reasons = new Map<number, Set<string>>();
  #lastEndAtMs = 0;

  constructor(orders: number) {
    this.#ends = new Uint8Array(orders);
    this.#placedAtMs = new Float64Array(orders).fill(Number.NaN);
    this.#durationMs = new Float64Array(orders).fill(Number.NaN);
  }

  get placed(): number {
    const { open, completed, compensated, stuck } = this.#counts;
    return open + completed + compensated + stuck;
  }

  count(end: OrderEnd): number {
    return this.#counts[end];
  }

  place(index: number, nowMs: number): void {
    this.#placedAtMs[index] = nowMs;
    this.#counts.open += 1;
  }

  end(index: number): OrderEnd {
    return codes[this.#ends[index] ?? 0] ?? 'open';
  }

  /** Returns whether the order never had an end before. */
  setEnd(index: number, end: OrderEnd, nowMs: number): boolean {
    this.#counts[this.end(index)] -= 1;
    this.#counts[end] += 1;
    this.#ends[index] = codes.indexOf(end);
    const isFirst = end !== 'open' && Number.isNaN(this.#durationMs[index]);
    if (isFirst) {
      this.#durationMs[index] = nowMs - (this.#placedAtMs[index] ?? Number.NaN);
      this.#lastEndAtMs = nowMs;
    }
    return isFirst;
  }

  /** When the last order that has an end had its first one. */
  get lastEndAtMs(): number {
    return this.#lastEndAtMs;
  }

  /** Why the order could not be fulfilled, as a service or the coordinator said. */
  addReason(index: number, reason: string): void {
    const reasons = this.#reasons.get(index) ?? new Set();
    this.#reasons.set(index, reasons.add(reason));
  }

  /** In the order in which they were heard. */
  reasons(index: number): readonly string[] {
    return [...(this.#reasons.get(index) ?? [])];
  }

  /** Durations from placing to the end, sorted; of the orders that completed or were compensated. */
  sortedDurationsMs(): Float64Array {
    return this.#durationMs
      .filter((_, index) => this.end(index) === 'completed' || this.end(index) === 'compensated')
      .sort();
  }
}

/** The nearest-rank percentile of sorted values; 0 when there are none. */
export function percentile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(rank, 1) - 1] ?? 0;
}
