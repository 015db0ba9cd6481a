import type { IncomingRecord, Subscription } from '@troupe/core';

/**
 * Where this member reads the broadcast topics. Nothing is committed: a member begins at the beginning, and each time
 * kafkajs joins again it is told where it was.
 */
export class BroadcastReader {
  readonly topics: readonly string[];
  readonly #deliver: Subscription['onBroadcast'];
  readonly #next = new Map<string, { topic: string; partition: number; offset: bigint }>();

  constructor({ broadcast, onBroadcast }: Pick<Subscription, 'broadcast' | 'onBroadcast'>) {
    this.topics = broadcast;
    this.#deliver = onBroadcast;
  }

  has(topic: string): boolean {
    return this.topics.includes(topic);
  }

  deliver(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    next: bigint,
  ): void {
    this.passed(topic, partition, next);
    this.#deliver(records);
  }

  passed(topic: string, partition: number, next: bigint): void {
    this.#next.set(`${topic}/${partition}`, { topic, partition, offset: next });
  }

  /** The places to go on at. Where nothing was read yet there is none. */
  places(): Iterable<{
    readonly topic: string;
    readonly partition: number;
    readonly offset: bigint;
  }> {
    return this.#next.values();
  }
}
