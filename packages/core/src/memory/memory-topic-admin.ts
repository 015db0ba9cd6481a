import type { Isolation, TopicAdmin, TopicSpec } from '../ports/transport.ts';
import type { MemoryLog } from './memory-log.ts';
import type { MemoryPartition } from './memory-partition.ts';

export class MemoryTopicAdmin implements TopicAdmin {
  readonly #log: MemoryLog;

  readonly #assertUsable: () => void;

  constructor(log: MemoryLog, assertUsable: () => void) {
    this.#log = log;
    this.#assertUsable = assertUsable;
  }

  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.#assertUsable();
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const partitions = this.#log.partitions(topic);
      if (partitions !== undefined) counts.set(topic, partitions.length);
    }
    return counts;
  }

  async recordBytesMax(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = await this.partitionCounts(topics);
    return new Map([...counts.keys()].map((topic) => [topic, this.#log.limits.recordBytesMax]));
  }

  async create(topics: readonly TopicSpec[]): Promise<void> {
    this.#assertUsable();
    for (const topic of topics) this.#log.create(topic);
  }

  async endOffsets(
    topics: readonly string[],
    partition: number,
    isolation: Isolation,
  ): Promise<ReadonlyMap<string, bigint>> {
    return this.#offsets(topics, partition, ({ end, stableEnd }) =>
      isolation === 'read-committed' ? stableEnd : end,
    );
  }

  async startOffsets(
    topics: readonly string[],
    partition: number,
  ): Promise<ReadonlyMap<string, bigint>> {
    return this.#offsets(topics, partition, ({ start }) => start);
  }

  #offsets(
    topics: readonly string[],
    number: number,
    offsetOf: (partition: MemoryPartition) => number,
  ): ReadonlyMap<string, bigint> {
    this.#assertUsable();
    return new Map(
      topics.map((topic) => [topic, BigInt(offsetOf(this.#log.partition(topic, number)))]),
    );
  }
}
