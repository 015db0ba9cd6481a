/**
 * Keys by the time they are due: a binary heap, the earliest on top.
 *
 * A key that gets another time is put in again; its older entry stays until it is due, and the caller, who knows what
 * time holds, passes over it. That saves searching; when too many are stale the caller clears it and puts in what holds.
 *
 * Times and keys are two arrays, since a million of pairs are a million of objects.
 */
export class TimerQueue<Key> {
  readonly #atMs: number[] = [];
  readonly #keys: Key[] = [];

  get size(): number {
    return this.#atMs.length;
  }

  get nextAtMs(): number | undefined {
    return this.#atMs[0];
  }

  push(atMs: number, key: Key): void {
    let index = this.#atMs.length;
    this.#set(index, atMs, key);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isEarlier(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  clear(): void {
    this.#atMs.length = 0;
    this.#keys.length = 0;
  }

  /** Takes out the earliest entry if it is due by `nowMs`. */
  popDue(nowMs: number): { readonly atMs: number; readonly key: Key } | undefined {
    const [atMs] = this.#atMs;
    const [key] = this.#keys;
    if (atMs === undefined || key === undefined || atMs > nowMs) return undefined;
    const lastAtMs = this.#atMs.pop();
    const lastKey = this.#keys.pop();
    if (this.size > 0 && lastAtMs !== undefined && lastKey !== undefined) {
      this.#set(0, lastAtMs, lastKey);
      this.#sink();
    }
    return { atMs, key };
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.size) return;
      const right = left + 1;
      const child = right < this.size && this.#isEarlier(right, left) ? right : left;
      if (!this.#isEarlier(child, index)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  #isEarlier(one: number, other: number): boolean {
    return (this.#atMs[one] ?? 0) < (this.#atMs[other] ?? 0);
  }

  #swap(one: number, other: number): void {
    const [atMs, key] = [this.#atMs[one], this.#keys[one]];
    const [otherAtMs, otherKey] = [this.#atMs[other], this.#keys[other]];
    if (atMs === undefined || key === undefined) return;
    if (otherAtMs === undefined || otherKey === undefined) return;
    this.#set(one, otherAtMs, otherKey);
    this.#set(other, atMs, key);
  }

  #set(index: number, atMs: number, key: Key): void {
    this.#atMs[index] = atMs;
    this.#keys[index] = key;
  }
}
