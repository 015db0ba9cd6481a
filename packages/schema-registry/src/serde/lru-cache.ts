/**
 * Keeps the `entriesMax` values used last. A use is a number written into the entry, not a move within the map, because
 * every message decoded is one; the search for the oldest is left to the rare moment when something new comes in.
 */
export class LruCache<Key, Value> {
  readonly #entriesMax: number;
  readonly #entries = new Map<Key, { readonly value: Value; usedAt: number }>();
  #uses = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#uses += 1;
    entry.usedAt = this.#uses;
    return entry.value;
  }

  set(key: Key, value: Value): void {
    this.#uses += 1;
    this.#entries.set(key, { value, usedAt: this.#uses });
    if (this.#entries.size > this.#entriesMax) this.#forgetOldest();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  #forgetOldest(): void {
    let oldest: { readonly key: Key; readonly usedAt: number } | undefined;
    for (const [key, { usedAt }] of this.#entries) {
      if (oldest === undefined || usedAt < oldest.usedAt) oldest = { key, usedAt };
    }
    if (oldest !== undefined) this.#entries.delete(oldest.key);
  }
}
