import { type OutgoingRecord, TransportError } from '@troupe/core';
import { recordBytes } from '@troupe/core/internal';
import type { Message } from 'kafkajs';
import type { Surroundings } from '../client/kafka-client.ts';
import { answerOf } from './keep-answers.ts';
import {
  type Batch,
  type PartitionCount,
  partitionFor,
  type TopicBatches,
  topicBatches,
} from './requests/topic-batches.ts';

/** Those of one batch: kafkajs passes on the same array at each attempt. */
export type Messages = readonly Message[];

/** MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE. */
const tooLargeCodes: ReadonlySet<unknown> = new Set([10, 18]);

type RoundSurroundings = Pick<Surroundings, 'clock' | 'limits'>;

/**
 * What became of the batches that are sent together, to several brokers.
 *
 * 1. What is on its way is not sent a second time.
 * 2. The failure of one broker is told when all batches were heard of, and those that nobody was asked about within
 *    `questionTimeoutMs` are waited for no longer.
 * 3. A batch counts as acknowledged when a broker said so, also beside others that it refused.
 */
export class SendRound {
  readonly topics: readonly TopicBatches[];
  readonly #surroundings: RoundSurroundings;
  readonly #partitionCount: PartitionCount;
  readonly #batches = new Map<Messages, Batch>();
  readonly #acknowledged = new Set<Messages>();
  readonly #tooLarge = new Set<Messages>();
  /** On their way, or acknowledged with all that was asked together with them. */
  readonly #sent = new Set<Messages>();
  /** Those of which nothing was heard yet, neither good nor bad. */
  readonly #unheard: Set<Messages>;
  readonly #allHeard = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(
    surroundings: RoundSurroundings,
    records: readonly OutgoingRecord[],
    partitionCount: PartitionCount,
  ) {
    this.#surroundings = surroundings;
    this.#partitionCount = partitionCount;
    this.topics = topicBatches(records, partitionCount);
    for (const { batches } of this.topics) {
      for (const batch of batches) this.#batches.set(batch.messages, batch);
    }
    this.#unheard = new Set(this.#batches.keys());
  }

  /** The batches of several records that a broker refused as too large. */
  get tooLarge(): { readonly topic: string; readonly bytes: number }[] {
    return [...this.#batches].flatMap(([messages, { topic, messages: records }]) => {
      if (!this.#tooLarge.has(messages) || records.length === 1) return [];
      return [{ topic, bytes: records.reduce((sum, record) => sum + recordBytes(record), 0) }];
    });
  }

  isAcknowledged(record: OutgoingRecord): boolean {
    const { topic } = record;
    const partition = partitionFor(record, this.#partitionCount);
    for (const messages of this.#acknowledged) {
      const batch = this.#batches.get(messages);
      if (batch?.topic === topic && batch.partition === partition) return true;
    }
    return false;
  }

  /** `produce` asks one broker, for `batches`. */
  async ask<Answer>(batches: readonly Messages[], produce: () => Promise<Answer>): Promise<Answer> {
    if (batches.some((batch) => this.#sent.has(batch))) {
      // What is under way comes to its end before anybody aborts a transaction, or opens a new one.
      await Promise.allSettled(this.#underWay);
      throw new TransportError(
        'transport-unavailable',
        'a part of it is on its way already, or was acknowledged: send it again',
      );
    }
    for (const batch of batches) this.#sent.add(batch);
    const asked = produce();
    this.#underWay.add(asked);
    try {
      const answer = await asked;
      for (const batch of batches) this.#acknowledged.add(batch);
      return answer;
    } catch (error) {
      this.#readAnswer(batches, error);
      // Asked again it goes out under the same sequence numbers: what was written is not written twice.
      for (const batch of batches) this.#sent.delete(batch);
      this.#heard(batches);
      await this.#othersHeard();
      await Promise.allSettled(this.#underWay);
      throw error;
    } finally {
      this.#heard(batches);
      this.#underWay.delete(asked);
    }
  }

  /** Those could not be added to the transaction, so that no broker is asked for them. Resolves when that may be told. */
  async notAdded(
    topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  ): Promise<void> {
    const isAmong = ({ topic, partition }: Batch): boolean =>
      topics.some((one) => one.topic === topic && one.partitions.includes(partition));
    const notAdded = [...this.#batches].filter(([, batch]) => isAmong(batch));
    this.#heard(notAdded.map(([messages]) => messages));
    await this.#othersHeard();
    await Promise.allSettled(this.#underWay);
  }

  /**
   * Throws when something was not acknowledged. After a failure kafkajs sends again to the brokers that have not answered:
   * when a partition has moved meanwhile to one that has, its records are sent to nobody, and kafkajs reports success.
   */
  checkAcknowledged(): void {
    const missing = [...this.#batches]
      .filter(([messages]) => !this.#acknowledged.has(messages))
      .map(([, { topic, partition }]) => `${topic}/${partition}`);
    if (missing.length === 0) return;
    throw new TransportError(
      'transport-unavailable',
      `no broker has acknowledged what was sent to ${missing.join(', ')}: their leaders have changed meanwhile; send it again`,
      { details: { places: missing } },
    );
  }

  #readAnswer(batches: readonly Messages[], error: unknown): void {
    const { topics = [] } = answerOf(error) ?? {};
    for (const messages of batches) {
      const batch = this.#batches.get(messages);
      const partitions = topics.find(({ topicName }) => topicName === batch?.topic)?.partitions;
      const its = partitions?.find(({ partition }) => partition === batch?.partition);
      if (its?.errorCode === 0) this.#acknowledged.add(messages);
      else if (tooLargeCodes.has(its?.errorCode)) this.#tooLarge.add(messages);
    }
  }

  /**
   * kafkajs asks nobody about a partition that its metadata lacks. What is on its way is waited for besides.
   */
  async #othersHeard(): Promise<void> {
    const { clock, limits } = this.#surroundings;
    const cancel = clock.after(limits.questionTimeoutMs, this.#allHeard.resolve);
    await this.#allHeard.promise;
    cancel();
  }

  #heard(batches: readonly Messages[]): void {
    for (const batch of batches) this.#unheard.delete(batch);
    if (this.#unheard.size === 0) this.#allHeard.resolve();
  }
}
