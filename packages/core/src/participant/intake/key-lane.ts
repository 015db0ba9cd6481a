import type { IncomingRecord } from '../../ports/transport.ts';
import type { Unfinished } from './done-watermark.ts';
import type { SortedRecord } from './sort-record.ts';

/** A record between its arrival and its end. It is a member of its lane and of its topic's watermark itself: one object. */
export class LaneRecord implements Unfinished {
  readonly record: IncomingRecord;
  readonly sorted: Exclude<SortedRecord, { kind: 'pass' }>;
  readonly offset: bigint;
  /** What it holds in memory, about. */
  readonly bytes: number;
  before: Unfinished | undefined = undefined;
  after: Unfinished | undefined = undefined;
  /** Owned by the lane. */
  next: LaneRecord | undefined = undefined;

  constructor(record: IncomingRecord, sorted: Exclude<SortedRecord, { kind: 'pass' }>) {
    this.record = record;
    this.sorted = sorted;
    this.offset = record.offset;
    this.bytes = (record.value?.length ?? 0) + (record.key?.length ?? 0);
  }
}

/** The records of one key that are not done, in the order of their arrival. */
export class KeyLane {
  #first: LaneRecord | undefined;
  #last: LaneRecord;

  constructor(only: LaneRecord) {
    this.#first = only;
    this.#last = only;
  }

  get first(): LaneRecord | undefined {
    return this.#first;
  }

  add(record: LaneRecord): void {
    if (this.#first === undefined) this.#first = record;
    else this.#last.next = record;
    this.#last = record;
  }

  removeFirst(): void {
    this.#first = this.#first?.next;
  }
}
