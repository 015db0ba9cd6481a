import type { Clock } from '../../ports/clock.ts';
import type { IncomingRecord } from '../../ports/transport.ts';
import type { OnWake, Tenure, TenurePhase } from '../waiting/tenure.ts';
import type { Unfinished } from './done-watermark.ts';
import { HeldRecord } from './held-record.ts';
import type { SortedRecord } from './sort-record.ts';

/** A record between its arrival and its end. It is a member of its lane and of its topic's watermark itself: one object. */
export class QueuedRecord implements Unfinished {
  readonly record: HeldRecord;
  readonly sorted: Exclude<SortedRecord, { kind: 'pass' }>;
  readonly offset: bigint;
  /** What it holds in memory, about. */
  readonly bytes: number;
  before: Unfinished | undefined = undefined;
  after: Unfinished | undefined = undefined;
  /** Owned by the lane. */
  next: QueuedRecord | undefined = undefined;

  constructor(record: IncomingRecord, sorted: Exclude<SortedRecord, { kind: 'pass' }>) {
    this.record = new HeldRecord(record);
    this.sorted = sorted;
    this.offset = record.offset;
    this.bytes = (record.value?.length ?? 0) + (record.key?.length ?? 0);
  }
}

/** How many records, and their bytes. */
export interface Held {
  records: number;
  bytes: number;
}

/** Hears of a lane that parks or goes on. */
export type OnParked = (lane: KeyLane, parked: boolean) => void;

/**
 * The records of one key that are not done, in the order of their arrival.
 *
 * It is the tenure of its records' work, too: while that waits (for another attempt, for a definition, for an outage to
 * end), the key is parked. What is parked holds nothing in memory but itself.
 */
export class KeyLane implements Tenure {
  readonly held: Held = { records: 0, bytes: 0 };
  readonly #tenure: Tenure;
  readonly #onParked: OnParked;
  #first: QueuedRecord | undefined;
  #last: QueuedRecord | undefined;
  /** Works of one record may wait side by side. */
  #waits = 0;

  constructor(tenure: Tenure, onParked: OnParked) {
    this.#tenure = tenure;
    this.#onParked = onParked;
  }

  get first(): QueuedRecord | undefined {
    return this.#first;
  }

  get parked(): boolean {
    return this.#waits > 0;
  }

  add(record: QueuedRecord): void {
    if (this.#first === undefined || this.#last === undefined) this.#first = record;
    else this.#last.next = record;
    this.#last = record;
    this.held.records += 1;
    this.held.bytes += record.bytes;
    if (this.parked) record.record.detach();
  }

  removeFirst(): void {
    const first = this.#first;
    if (first === undefined) return;
    this.#first = first.next;
    this.held.records -= 1;
    this.held.bytes -= first.bytes;
  }

  /** Its first record was left undone: what comes after it waits as long as the partition is held. */
  parkForGood(): void {
    this.#park();
  }

  get ending(): boolean {
    return this.#tenure.ending;
  }

  get over(): boolean {
    return this.#tenure.over;
  }

  when(phase: TenurePhase, run: () => void): () => void {
    return this.#tenure.when(phase, run);
  }

  assertNot(phase: TenurePhase): void {
    this.#tenure.assertNot(phase);
  }

  async wait(clock: Clock, delayMs: number, unless: TenurePhase, onWake?: OnWake): Promise<void> {
    this.#park();
    try {
      await this.#tenure.wait(clock, delayMs, unless, onWake);
    } finally {
      this.#waits -= 1;
      if (this.#waits === 0) this.#onParked(this, false);
    }
  }

  #park(): void {
    this.#waits += 1;
    if (this.#waits > 1) return;
    for (let one = this.#first; one !== undefined; one = one.next) one.record.detach();
    this.#onParked(this, true);
  }
}
