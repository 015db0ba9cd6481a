import type { Clock } from '../ports/clock.ts';
import type { IncomingRecord, Isolation } from '../ports/transport.ts';
import { type RawRecord, toIncomingRecord } from './incoming-record.ts';
import type { MemoryLogLimits } from './memory-limits.ts';

/** One transaction, shared by the entries that it wrote in all partitions. */
export interface MemoryTransaction {
  state: 'open' | 'committed' | 'aborted';
  readonly partitions: Map<MemoryPartition, number>;
}

interface Entry {
  readonly offset: number;
  /** Null is a transaction marker: it has an offset, and nobody reads it. */
  readonly record: IncomingRecord | null;
  readonly transaction: MemoryTransaction | undefined;
}

export interface ReadResult {
  readonly records: readonly IncomingRecord[];
  /** The offset to read from next. */
  readonly next: number;
}

/**
 * Owns the entries of one partition. Does not own readers' positions, nor when a transaction ends.
 *
 * 1. Offsets grow by one; they are never given twice, also after retention or compaction removed entries.
 * 2. Entries are in offset order, and lie in [start, end).
 * 3. Nothing at or after the first record of an open transaction is removed, or read with `read-committed`.
 */
export class MemoryPartition {
  readonly topic: string;
  readonly number: number;
  readonly #compacted: boolean;
  readonly #limits: MemoryLogLimits;
  readonly #clock: Clock;
  readonly #readers = new Set<() => void>();
  readonly #open = new Set<MemoryTransaction>();
  #entries: Entry[] = [];
  #start = 0;
  #end = 0;
  #compactAtLength: number;

  constructor(
    topic: string,
    number: number,
    cleanup: 'delete' | 'compact',
    limits: MemoryLogLimits,
    clock: Clock,
  ) {
    this.topic = topic;
    this.number = number;
    this.#compacted = cleanup === 'compact';
    this.#limits = limits;
    this.#clock = clock;
    this.#compactAtLength = limits.supersededRecordsMax;
  }

  /** The offset of the first record that was not deleted. Compaction does not move it. */
  get start(): number {
    return this.#start;
  }

  /** The offset of the next entry. */
  get end(): number {
    return this.#end;
  }

  /** The last stable offset: below every open transaction. */
  get stableEnd(): number {
    let stable = this.#end;
    for (const transaction of this.#open) {
      stable = Math.min(stable, transaction.partitions.get(this) ?? stable);
    }
    return stable;
  }

  append(raw: RawRecord, transaction?: MemoryTransaction): number {
    const offset = this.#end++;
    const record = toIncomingRecord(raw, this.number, offset, this.#clock.nowMs());
    if (transaction !== undefined && !transaction.partitions.has(this)) {
      transaction.partitions.set(this, offset);
      this.#open.add(transaction);
    }
    this.#push({ offset, record, transaction });
    return offset;
  }

  /** Writes the marker of a transaction that was committed or aborted. */
  endTransaction(transaction: MemoryTransaction): void {
    this.#open.delete(transaction);
    this.#push({ offset: this.#end++, record: null, transaction });
  }

  read(from: number, isolation: Isolation, recordsMax: number): ReadResult {
    const committedOnly = isolation === 'read-committed';
    const end = committedOnly ? this.stableEnd : this.#end;
    const records: IncomingRecord[] = [];
    for (let at = this.#indexOf(from); records.length < recordsMax; at += 1) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.offset >= end) return { records, next: Math.max(from, end) };
      if (entry.record === null) continue;
      if (committedOnly && entry.transaction?.state === 'aborted') continue;
      records.push(entry.record);
      if (records.length === recordsMax) return { records, next: entry.offset + 1 };
    }
    return { records, next: from };
  }

  /** Calls `wake` whenever there may be more to read. Returns how to stop that. */
  onMore(wake: () => void): () => void {
    this.#readers.add(wake);
    return () => this.#readers.delete(wake);
  }

  /** Deletes the records below `offset`, as an operator or retention does. */
  deleteBefore(offset: number): void {
    const start = Math.min(offset, this.stableEnd);
    if (start <= this.#start) return;
    this.#entries.splice(0, this.#indexOf(start));
    this.#start = start;
  }

  #push(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#compacted) {
      if (this.#entries.length >= this.#compactAtLength) this.#compact();
    } else if (this.#entries.length > this.#limits.retainedRecordsMax * 1.25) {
      // A quarter at once, so that moving the rest costs little for each record.
      this.deleteBefore(this.#entries.at(-this.#limits.retainedRecordsMax)?.offset ?? 0);
    }
    for (const wake of this.#readers) wake();
  }

  /**
   * Keeps the last record of each key. A tombstone that is the last one of its key goes at the compaction after
   * the one that found it so: a reader that saw the record before had time to see the tombstone.
   */
  #compact(): void {
    const stable = this.stableEnd;
    const last = new Map<string, number>();
    for (const { record, transaction, offset } of this.#entries) {
      if (offset < stable && record !== null && transaction?.state !== 'aborted') {
        last.set(keyText(record), offset);
      }
    }
    const found = this.#tombstones;
    this.#tombstones = new Set();
    this.#entries = this.#entries.filter(({ record, offset, transaction }) => {
      if (offset >= stable) return true;
      if (record === null || transaction?.state === 'aborted') return false;
      if (last.get(keyText(record)) !== offset) return false;
      if (record.value !== null) return true;
      if (found.has(offset)) return false;
      this.#tombstones.add(offset);
      return true;
    });
    this.#compactAtLength = this.#entries.length * 2 + this.#limits.supersededRecordsMax;
  }

  #tombstones = new Set<number>();

  /** The index of the first entry at or after `offset`. */
  #indexOf(offset: number): number {
    const first = this.#entries[0]?.offset ?? this.#end;
    if (offset <= first) return 0;
    // Without gaps, which is the rule, the index is known.
    if (this.#end - first === this.#entries.length) return offset - first;
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.offset ?? this.#end) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Keys are any bytes; Latin-1 keeps them apart. */
function keyText({ key }: IncomingRecord): string {
  if (key === null) return '';
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
