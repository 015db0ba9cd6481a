import type { Claim, IncomingRecord } from '@troupe/core';
import type { CoordinatorLimits } from '../coordinator-limits.ts';

/** In the queue between records: everything that was appended before this time lies ahead of it. */
export interface KnownUntil {
  readonly knownUntilMs: number;
}

/** In the queue between records: whatever lies below this offset of the topic lies ahead of it, or is delivered to nobody. */
export interface PassedBelow {
  readonly topic: string;
  readonly passedBelow: bigint;
}

export type Inbound = IncomingRecord | KnownUntil | PassedBelow;

type InboundLimits = Pick<CoordinatorLimits, 'bufferedRecordsMax' | 'bufferedBytesMax'>;

/** Passed entries are cut off in one go, since shifting an array moves all of it. */
const passedMax = 1_000;

/**
 * What was delivered and is not folded yet, in order. Pauses the inputs when it is full (`bufferedRecordsMax`,
 * `bufferedBytesMax`).
 */
export class InboundQueue {
  readonly #claim: Claim;
  readonly #inputs: readonly string[];
  readonly #limits: InboundLimits;
  #items: Inbound[] = [];
  #head = 0;
  #bytes = 0;
  #paused = false;

  constructor(claim: Claim, inputs: readonly string[], limits: InboundLimits) {
    this.#claim = claim;
    this.#inputs = inputs;
    this.#limits = limits;
  }

  push(item: Inbound): void {
    this.#items.push(item);
    this.#bytes += bytesOf(item);
    this.#pauseWhenFull();
  }

  /** These go before all others: what is known of time counts with them. */
  pushFirst(records: readonly IncomingRecord[]): void {
    this.#items.splice(this.#head, 0, ...records);
    for (const record of records) this.#bytes += bytesOf(record);
    this.#pauseWhenFull();
  }

  #pauseWhenFull(): void {
    const { bufferedRecordsMax, bufferedBytesMax } = this.#limits;
    const isFull = this.#size() > bufferedRecordsMax || this.#bytes > bufferedBytesMax;
    if (this.#paused || !isFull) return;
    this.#paused = true;
    this.#claim.pause(this.#inputs);
  }

  shift(): Inbound | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= bytesOf(item);
    if (this.#head === this.#items.length) this.#cut();
    else if (this.#head > passedMax && this.#head * 2 > this.#items.length) this.#cut();
    this.#resumeWhenHalfEmpty();
    return item;
  }

  #resumeWhenHalfEmpty(): void {
    if (!this.#paused) return;
    const { bufferedRecordsMax, bufferedBytesMax } = this.#limits;
    if (this.#size() >= bufferedRecordsMax / 2 || this.#bytes >= bufferedBytesMax / 2) return;
    this.#paused = false;
    this.#claim.resume(this.#inputs);
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
  }

  #size(): number {
    return this.#items.length - this.#head;
  }

  #cut(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

function bytesOf(item: Inbound): number {
  return 'value' in item ? (item.value?.length ?? 0) : 0;
}
