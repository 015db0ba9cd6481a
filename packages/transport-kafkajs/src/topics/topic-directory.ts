import type { Isolation } from '@troupe/core';
import { type Cluster, clusterOf, isolationLevels } from '../client/cluster.ts';
import { type KafkaClient, openClient, type Surroundings } from '../client/kafka-client.ts';
import { faultType } from '../client/transport-error-of.ts';
import { BatchLimits } from './batch-limits.ts';

/** The leader of each partition, by its number. */
type Leaders = readonly number[];

interface Connection {
  readonly client: KafkaClient;
  readonly cluster: Cluster;
  readonly connected: Promise<void>;
}

export type OffsetPlace = 'start' | Isolation;

const timestampOf: Readonly<Record<'start' | 'end', string>> = { start: '-2', end: '-1' };
const staleTypes: ReadonlySet<unknown> = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);
const topicResource = 2;
const batchBytes = 'max.message.bytes';

/**
 * Which topics there are, how many partitions they have, what they take, and their first and last offsets.
 *
 * Owns a connection, opened with the first question, and what it has learnt of topics that are there.
 * 1. That a topic is missing is never remembered: it may be made any time.
 * 2. One question at a time about metadata: kafkajs mixes up what is asked at the same time.
 */
export class TopicDirectory {
  readonly batchLimits = new BatchLimits();
  readonly #surroundings: Surroundings;
  readonly #known = new Map<string, Leaders>();
  #open: Connection | undefined;
  #asking: Promise<unknown> = Promise.resolve();
  #discarded = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** What is known without asking: the partition count, or undefined. */
  knownCount(topic: string): number | undefined {
    return this.#known.get(topic)?.length;
  }

  forget(topic: string): void {
    this.#known.delete(topic);
  }

  /** Whatever was known of these topics may have changed; `tooLarge` are the batches that were refused for their size. */
  sendFailed(
    records: readonly { readonly topic: string }[],
    tooLarge: readonly { readonly topic: string; readonly bytes: number }[],
  ): void {
    for (const { topic } of records) this.forget(topic);
    for (const { topic, bytes } of tooLarge) this.batchLimits.refused(topic, bytes);
  }

  /** Asks anew. A topic that does not exist is left out. */
  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const topic of new Set(topics)) {
      const leaders = await this.#look(topic);
      if (leaders !== undefined) counts.set(topic, leaders.length);
    }
    return counts;
  }

  /**
   * Topics or partitions that do not exist are left out. Of a topic that was just made, or whose leader has changed, the
   * broker may not know yet that it leads it: it is asked again for `questionTimeoutMs`.
   */
  async offsets(
    topics: readonly string[],
    partition: number,
    place: OffsetPlace,
  ): Promise<ReadonlyMap<string, bigint>> {
    const { clock, limits } = this.#surroundings;
    const untilMs = clock.monotonicMs() + limits.questionTimeoutMs;
    for (;;) {
      try {
        return await this.#offsets(topics, partition, place);
      } catch (error) {
        for (const topic of topics) this.forget(topic);
        if (!staleTypes.has(faultType(error)) || clock.monotonicMs() > untilMs) throw error;
        await clock.sleep(limits.restartFirstDelayMs, new AbortController().signal);
      }
    }
  }

  /** How many connections were discarded so far. */
  get discarded(): number {
    return this.#discarded;
  }

  /** The next question opens another connection. What is being asked over this one fails at once. */
  discard(): void {
    this.#discarded += 1;
    this.#open?.client.sockets.cut();
    this.#open = undefined;
    this.#known.clear();
  }

  async #offsets(
    topics: readonly string[],
    partition: number,
    place: OffsetPlace,
  ): Promise<ReadonlyMap<string, bigint>> {
    const byLeader = new Map<number, string[]>();
    for (const topic of topics) {
      const leader = (this.#known.get(topic) ?? (await this.#look(topic)))?.[partition];
      if (leader === undefined) continue;
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), topic]);
    }
    const found = new Map<string, bigint>();
    const isolationLevel = isolationLevels[place === 'start' ? 'read-uncommitted' : place];
    const timestamp = timestampOf[place === 'start' ? 'start' : 'end'];
    const cluster = await this.#cluster();
    for (const [leader, its] of byLeader) {
      const broker = await cluster.findBroker({ nodeId: String(leader) });
      const { responses } = await broker.listOffsets({
        isolationLevel,
        topics: its.map((topic) => ({ topic, partitions: [{ partition, timestamp }] })),
      });
      for (const { topic, partitions } of responses) {
        for (const { offset } of partitions) found.set(topic, BigInt(offset));
      }
    }
    return found;
  }

  #look(topic: string): Promise<Leaders | undefined> {
    const answer = this.#asking.then(() => this.#lookNow(topic));
    this.#asking = answer.catch(() => 'whoever asked was told');
    return answer;
  }

  async #lookNow(topic: string): Promise<Leaders | undefined> {
    const cluster = await this.#cluster();
    try {
      const metadata = await cluster.metadata({ topics: [topic] });
      if (metadata === null) throw new Error('no broker of the cluster answers');
      const found = metadata.topicMetadata.find((one) => one.topic === topic);
      const partitions = [...(found?.partitionMetadata ?? [])];
      const leaders = partitions
        .sort((a, b) => a.partitionId - b.partitionId)
        .map(({ leader }) => leader);
      const [leader] = leaders;
      if (leader === undefined) return undefined;
      if (!this.batchLimits.isKnown(topic)) await this.#learnLimit(cluster, topic, leader);
      this.#known.set(topic, leaders);
      return leaders;
    } catch (error) {
      this.forget(topic);
      const type = faultType(error);
      if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'INVALID_TOPIC_EXCEPTION') return;
      throw error;
    }
  }

  async #learnLimit(cluster: Cluster, topic: string, leader: number): Promise<void> {
    try {
      const broker = await cluster.findBroker({ nodeId: String(leader) });
      const resource = { type: topicResource, name: topic, configNames: [batchBytes] };
      const { resources } = await broker.describeConfigs({ resources: [resource] });
      const bytes = Number(resources[0]?.configEntries[0]?.configValue);
      if (bytes > 0) this.batchLimits.learn(topic, bytes);
    } catch (error) {
      // Not everybody may ask for it, and what is too large is parted without it too.
      this.#surroundings.logger.debug(`${batchBytes} of a topic is not known`, { topic, error });
    }
  }

  async #cluster(): Promise<Cluster> {
    this.#open ??= this.#connect();
    const open = this.#open;
    try {
      await open.connected;
      return open.cluster;
    } catch (error) {
      // An outage at the first question is not the answer to all later ones.
      if (this.#open === open) this.#open = undefined;
      open.client.sockets.cut();
      throw error;
    }
  }

  #connect(): Connection {
    const { requestTimeoutMs, questionTimeoutMs } = this.#surroundings.limits;
    const client = openClient(this.#surroundings, Math.min(requestTimeoutMs, questionTimeoutMs));
    const cluster = clusterOf(client);
    return { client, cluster, connected: cluster.connect() };
  }
}
