import type { Clock } from '../ports/clock.ts';
import type { Claim, PartitionReader } from '../ports/transport.ts';
import type { MemoryCursor } from './memory-cursor.ts';
import type { MemoryGroup } from './memory-group.ts';

/**
 * One partition number in a member's hands.
 *
 * 1. After `lost` is aborted nothing is delivered, and no method does anything.
 * 2. From `revoke` on nothing is delivered; offsets still count until `lost`.
 */
export class MemoryClaim implements Claim {
  readonly partition: number;
  readonly #group: MemoryGroup;
  readonly #clock: Clock;
  readonly #revokeTimeoutMs: number;
  readonly #cursors = new Map<string, MemoryCursor>();
  readonly #losing = new AbortController();
  #reader: PartitionReader | undefined;
  #revoking: Promise<void> | undefined;

  constructor(partition: number, group: MemoryGroup, clock: Clock, revokeTimeoutMs: number) {
    this.partition = partition;
    this.#group = group;
    this.#clock = clock;
    this.#revokeTimeoutMs = revokeTimeoutMs;
  }

  get lost(): AbortSignal {
    return this.#losing.signal;
  }

  add(cursor: MemoryCursor): void {
    this.#cursors.set(cursor.partition.topic, cursor);
  }

  set reader(reader: PartitionReader) {
    this.#reader = reader;
  }

  get reader(): PartitionReader | undefined {
    return this.#reader;
  }

  pause(topics: readonly string[]): void {
    if (this.lost.aborted) return;
    for (const topic of topics) this.#cursors.get(topic)?.pause();
  }

  resume(topics: readonly string[]): void {
    if (this.lost.aborted) return;
    for (const topic of topics) this.#cursors.get(topic)?.resume();
  }

  seek(topic: string, offset: bigint): void {
    if (this.lost.aborted) return;
    this.#cursors.get(topic)?.seek(Number(offset));
  }

  markDone(topic: string, offset: bigint): void {
    if (this.lost.aborted || !this.#cursors.has(topic)) return;
    this.#group.commit(topic, this.partition, Number(offset));
  }

  position(topic: string): bigint {
    return BigInt(this.#cursors.get(topic)?.position ?? 0);
  }

  /** Waits for the reader, within the limit, then gives the partition up. */
  revoke(): Promise<void> {
    this.#revoking ??= this.#revoke();
    return this.#revoking;
  }

  /** Gives the partition up at once: the session is over, or the process is dead. */
  drop(): void {
    this.#closeCursors();
    this.#losing.abort();
  }

  async #revoke(): Promise<void> {
    this.#closeCursors();
    if (!this.lost.aborted) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const cancel = this.#clock.after(this.#revokeTimeoutMs, resolve);
      this.lost.addEventListener('abort', () => resolve(), { once: true });
      try {
        await Promise.race([this.#reader?.onRevoked(), over]);
      } finally {
        cancel();
        this.#losing.abort();
      }
    }
  }

  #closeCursors(): void {
    for (const cursor of this.#cursors.values()) cursor.close();
  }
}
