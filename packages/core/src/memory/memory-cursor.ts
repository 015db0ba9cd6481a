import { TransportError } from '../errors/error-kinds.ts';
import type { IncomingRecord, Isolation } from '../ports/transport.ts';
import type { MemoryPartition } from './memory-partition.ts';

/**
 * Where one member reads one partition. Owns the position, and whether it is paused; the member decides when it reads.
 */
export class MemoryCursor {
  readonly partition: MemoryPartition;
  readonly #isolation: Isolation;
  readonly #deliver: (records: readonly IncomingRecord[]) => void;
  readonly #passed: () => void;
  readonly #ready: (cursor: MemoryCursor) => void;
  readonly #stopListening: () => void;
  #position: number;
  #paused = false;
  #closed = false;
  /** True while the cursor is in its member's queue: it is there once, however often it is woken. */
  queued = false;

  constructor(
    partition: MemoryPartition,
    position: number,
    isolation: Isolation,
    deliver: (records: readonly IncomingRecord[]) => void,
    ready: (cursor: MemoryCursor) => void,
    passed: () => void = () => undefined,
  ) {
    this.partition = partition;
    this.#position = position;
    this.#isolation = isolation;
    this.#deliver = deliver;
    this.#ready = ready;
    this.#passed = passed;
    this.#stopListening = partition.onMore(() => this.wake());
    this.wake();
  }

  get position(): number {
    return this.#position;
  }

  wake(): void {
    if (!this.#paused && !this.#closed) this.#ready(this);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.wake();
  }

  seek(offset: number): void {
    this.#position = offset;
    this.wake();
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
  }

  /** Delivers what there is, up to `recordsMax`. Throws `offset-out-of-range`. */
  run(recordsMax: number, groupId: string): void {
    if (this.#paused || this.#closed) return;
    const { topic, number, start, end } = this.partition;
    if (this.#position < start || this.#position > end) {
      throw new TransportError(
        'offset-out-of-range',
        `group ${groupId} reads ${topic}[${number}] at offset ${this.#position}, but there is only ${start} to ${end}: records were deleted before they were read; set the group's offset to where it shall go on`,
        { details: { groupId, topic, partition: number, offset: BigInt(this.#position) } },
      );
    }
    const { records, next } = this.partition.read(this.#position, this.#isolation, recordsMax);
    const hasMoved = this.#position !== next;
    this.#position = next;
    if (records.length === 0) {
      if (hasMoved) this.#passed();
      return;
    }
    this.#deliver(records);
    if (records.length === recordsMax) this.wake();
  }
}
