import type { Claim, PartitionReader } from '@troupe/core';

/** What a claim asks of its consumer. */
export interface ClaimOwner {
  pausePartition(topics: readonly string[], partition: number): void;
  resumePartition(topics: readonly string[], partition: number): void;
  seekPartition(topic: string, partition: number, offset: bigint): void;
  markDone(topic: string, partition: number, offset: bigint): void;
}

/** One partition number in this member's hands, until the next rebalance. */
export class KafkajsClaim implements Claim {
  readonly partition: number;
  readonly #owner: ClaimOwner;
  readonly #losing = new AbortController();
  readonly #paused = new Set<string>();
  readonly #positions = new Map<string, bigint>();
  reader: PartitionReader | undefined;

  constructor(partition: number, owner: ClaimOwner) {
    this.partition = partition;
    this.#owner = owner;
  }

  get lost(): AbortSignal {
    return this.#losing.signal;
  }

  lose(): void {
    this.#losing.abort(new Error(`partition ${this.partition} was revoked`));
  }

  pause(topics: readonly string[]): void {
    if (this.lost.aborted) return;
    for (const topic of topics) this.#paused.add(topic);
    this.#owner.pausePartition(topics, this.partition);
  }

  resume(topics: readonly string[]): void {
    if (this.lost.aborted) return;
    for (const topic of topics) this.#paused.delete(topic);
    this.#owner.resumePartition(topics, this.partition);
  }

  seek(topic: string, offset: bigint): void {
    if (this.lost.aborted) return;
    this.#positions.set(topic, offset);
    this.#owner.seekPartition(topic, this.partition, offset);
  }

  markDone(topic: string, offset: bigint): void {
    if (!this.lost.aborted) this.#owner.markDone(topic, this.partition, offset);
  }

  position(topic: string): bigint {
    return this.#positions.get(topic) ?? 0n;
  }

  isPaused(topic: string): boolean {
    return this.#paused.has(topic);
  }

  passed(topic: string, next: bigint): void {
    this.#positions.set(topic, next);
  }
}
