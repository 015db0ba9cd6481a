/** One record that is not done yet: a member of its topic's list, in offset order. */
export interface Unfinished {
  readonly offset: bigint;
  /** Owned by the watermark. */
  before: Unfinished | undefined;
  /** Owned by the watermark. */
  after: Unfinished | undefined;
}

/**
 * Up to where everything of one topic and partition is done.
 *
 * Owns the list of what is not done. Its memory grows with what is unfinished, never with what is done above it.
 *
 * Invariants
 * 1. The list is in offset order.
 * 2. Every record below `doneBelow` was ended or passed over; `doneBelow` never goes back.
 */
export class DoneWatermark {
  #first: Unfinished | undefined;
  #last: Unfinished | undefined;
  #next: bigint;

  /** `from` is the offset of the first record that is to come. */
  constructor(from: bigint) {
    this.#next = from;
  }

  /** Everything below this offset is done. */
  get doneBelow(): bigint {
    return this.#first?.offset ?? this.#next;
  }

  /** Whatever lies below `next` and was not begun needs no work. */
  passOver(next: bigint): void {
    if (next > this.#next) this.#next = next;
  }

  /** A record whose work begins. Offsets rise from call to call. */
  begin(record: Unfinished): void {
    record.before = this.#last;
    record.after = undefined;
    if (this.#last === undefined) this.#first = record;
    else this.#last.after = record;
    this.#last = record;
    this.#next = record.offset + 1n;
  }

  /** The work of a record that was begun is done. Once for each. */
  end(record: Unfinished): void {
    const { before, after } = record;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    record.before = undefined;
    record.after = undefined;
  }
}
