interface Entry<Key> {
  readonly atMs: number;
  readonly key: Key;
}

/**
 * Keys by the time they are due: a binary heap, the earliest on top.
 *
 * A key that gets another time is put in again; its older entry stays until it is due, and the caller, who knows what
 * time holds, passes over it. That saves searching; when too many are stale the caller clears it and puts in what holds.
 */
export class TimerQueue<Key> {
  readonly #heap: Entry<Key>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get nextAtMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  push(atMs: number, key: Key): void {
    const heap = this.#heap;
    let index = heap.length;
    const entry = { atMs, key };
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || parent.atMs <= atMs) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  /** Takes out the earliest entry if it is due by `nowMs`. */
  popDue(nowMs: number): Entry<Key> | undefined {
    const heap = this.#heap;
    const top = heap[0];
    if (top === undefined || top.atMs > nowMs) return undefined;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return top;
  }

  #sink(entry: Entry<Key>): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && right.atMs < child.atMs) {
        childIndex += 1;
        child = right;
      }
      if (child.atMs >= entry.atMs) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = entry;
  }
}
