import { Interrupted, type Tenure } from '../waiting/tenure.ts';

/**
 * How many handlers run at once, over all keys and partitions of a service.
 *
 * Invariants
 * 1. Never more than `concurrencyMax` slots are taken.
 * 2. No slot is given while `abandonedMax` handlers that outran their time still run.
 * 3. Whoever waits longest is next.
 */
export class HandlerSlots {
  readonly #concurrencyMax: number;
  readonly #abandonedMax: number;
  /** In the order of their coming. */
  readonly #waiting = new Set<() => void>();
  #taken = 0;
  #abandoned = 0;

  constructor(concurrencyMax: number, abandonedMax: number) {
    this.#concurrencyMax = concurrencyMax;
    this.#abandonedMax = abandonedMax;
  }

  get abandoned(): number {
    return this.#abandoned;
  }

  /** Takes a slot if one is free: the fast path. */
  tryTake(): boolean {
    if (!this.#free) return false;
    this.#taken += 1;
    return true;
  }

  /** Takes a slot as soon as there is one. Rejects with `Interrupted` when the tenure begins to end. */
  take(tenure: Tenure): Promise<void> {
    return new Promise((resolve, reject) => {
      let forget: () => void = () => undefined;
      const given = () => {
        forget();
        resolve();
      };
      this.#waiting.add(given);
      forget = tenure.when('ending', () => {
        this.#waiting.delete(given);
        reject(new Interrupted());
      });
      this.#giveFree();
    });
  }

  release(): void {
    this.#taken -= 1;
    this.#giveFree();
  }

  /** The handler in this slot does not come to an end: the slot is free again, the handler is counted apart. */
  abandon(): void {
    this.#abandoned += 1;
    this.release();
  }

  abandonedEnded(): void {
    this.#abandoned -= 1;
    this.#giveFree();
  }

  get #free(): boolean {
    return this.#taken < this.#concurrencyMax && this.#abandoned < this.#abandonedMax;
  }

  #giveFree(): void {
    for (const next of this.#waiting) {
      if (!this.#free) return;
      this.#waiting.delete(next);
      this.#taken += 1;
      next();
    }
  }
}
