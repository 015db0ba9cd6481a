import type { IncomingRecord, Subscription } from '@troupe/core';
import type { TopicDirectory } from '../../topics/topic-directory.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Where this member reads the broadcast topics. Nothing is committed: a member begins at the first record that there is,
 * and each time kafkajs joins again it is told where it was.
 */
export class BroadcastReader {
  readonly topics: readonly string[];
  readonly #deliver: Subscription['onBroadcast'];
  readonly #places = new Map<string, Place>();

  constructor({ broadcast, onBroadcast }: Pick<Subscription, 'broadcast' | 'onBroadcast'>) {
    this.topics = broadcast;
    this.#deliver = onBroadcast;
  }

  has(topic: string): boolean {
    return this.topics.includes(topic);
  }

  position(topic: string, partition: number): bigint {
    return this.#places.get(keyOf(topic, partition))?.offset ?? 0n;
  }

  /** The places to go on at, of all partitions that there are. */
  async places(
    assigned: Readonly<Record<string, readonly number[]>>,
    directory: Pick<TopicDirectory, 'offsets'>,
  ): Promise<readonly Place[]> {
    for (const topic of this.topics) {
      for (const partition of assigned[topic] ?? []) {
        if (this.#places.has(keyOf(topic, partition))) continue;
        const starts = await directory.offsets([topic], partition, 'start');
        this.passed(topic, partition, starts.get(topic) ?? 0n);
      }
    }
    return [...this.#places.values()];
  }

  deliver(
    topic: string,
    partition: number,
    records: readonly IncomingRecord[],
    next: bigint,
  ): void {
    // A partition whose leader has changed may be fetched from both at once.
    const position = this.position(topic, partition);
    const fresh = records.filter(({ offset }) => offset >= position);
    this.passed(topic, partition, next);
    if (fresh.length > 0) this.#deliver(fresh);
  }

  passed(topic: string, partition: number, next: bigint): void {
    if (next < this.position(topic, partition)) return;
    this.#places.set(keyOf(topic, partition), { topic, partition, offset: next });
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
