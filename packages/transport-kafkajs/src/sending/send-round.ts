import { type OutgoingRecord, TransportError } from '@troupe/core';
import { recordBytes } from '@troupe/core/internal';
import type { Message } from 'kafkajs';
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

/**
 * After these, as without any answer, it may have been written: UNKNOWN_SERVER_ERROR, REQUEST_TIMED_OUT,
 * NOT_ENOUGH_REPLICAS_AFTER_APPEND, DUPLICATE_SEQUENCE_NUMBER.
 */
const doubtfulCodes: ReadonlySet<unknown> = new Set([undefined, -1, 7, 20, 46]);

/**
 * What became of the batches that are sent together, to several brokers.
 *
 * 1. What is on its way is not sent a second time.
 * 2. The failure of one broker is told when nothing is asked any more on behalf of the others.
 * 3. A batch counts as acknowledged when a broker said so, also beside others that it refused.
 * 4. A batch is in doubt when it was asked for once without a refusal that says that it was not written, until it is
 *    acknowledged.
 */
export class SendRound {
  readonly topics: readonly TopicBatches[];
  readonly #partitionCount: PartitionCount;
  readonly #batches = new Map<Messages, Batch>();
  readonly #acknowledged = new Set<Messages>();
  readonly #tooLarge = new Set<Messages>();
  readonly #inDoubt = new Set<Messages>();
  /** On their way, or acknowledged with all that was asked together with them. */
  readonly #sent = new Set<Messages>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(records: readonly OutgoingRecord[], partitionCount: PartitionCount) {
    this.#partitionCount = partitionCount;
    this.topics = topicBatches(records, partitionCount);
    for (const { batches } of this.topics) {
      for (const batch of batches) this.#batches.set(batch.messages, batch);
    }
  }

  /** The batches of several records that a broker refused as too large. */
  get tooLarge(): { readonly topic: string; readonly bytes: number }[] {
    return [...this.#batches].flatMap(([messages, { topic, messages: records }]) => {
      if (!this.#tooLarge.has(messages) || records.length === 1) return [];
      return [{ topic, bytes: records.reduce((sum, record) => sum + recordBytes(record), 0) }];
    });
  }

  isAcknowledged(record: OutgoingRecord): boolean {
    return this.#isIn(this.#acknowledged, record);
  }

  isInDoubt(record: OutgoingRecord): boolean {
    return !this.isAcknowledged(record) && this.#isIn(this.#inDoubt, record);
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
    return this.step(async () => {
      try {
        const answer = await produce();
        for (const batch of batches) this.#acknowledged.add(batch);
        return answer;
      } catch (error) {
        this.#readAnswer(batches, error);
        // Asked again it goes out under the same sequence numbers: what was written is not written twice.
        for (const batch of batches) this.#sent.delete(batch);
        throw error;
      }
    });
  }

  /** One thing that kafkajs asks for the sake of this round. */
  async step<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const asked = ask();
    this.#underWay.add(asked);
    try {
      return await asked;
    } catch (error) {
      this.#underWay.delete(asked);
      await this.#othersHeard();
      throw error;
    } finally {
      this.#underWay.delete(asked);
    }
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

  #isIn(found: ReadonlySet<Messages>, record: OutgoingRecord): boolean {
    const { topic } = record;
    const partition = partitionFor(record, this.#partitionCount);
    for (const messages of found) {
      const batch = this.#batches.get(messages);
      if (batch?.topic === topic && batch.partition === partition) return true;
    }
    return false;
  }

  #readAnswer(batches: readonly Messages[], error: unknown): void {
    const { topics = [] } = answerOf(error) ?? {};
    for (const messages of batches) {
      const batch = this.#batches.get(messages);
      const partitions = topics.find(({ topicName }) => topicName === batch?.topic)?.partitions;
      const its = partitions?.find(({ partition }) => partition === batch?.partition);
      if (its?.errorCode === 0) this.#acknowledged.add(messages);
      else if (tooLargeCodes.has(its?.errorCode)) this.#tooLarge.add(messages);
      else if (doubtfulCodes.has(its?.errorCode)) this.#inDoubt.add(messages);
    }
  }

  /** kafkajs asks what comes next for another broker at once, in the same turn of the event loop. */
  async #othersHeard(): Promise<void> {
    do {
      await Promise.allSettled(this.#underWay);
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (this.#underWay.size > 0);
  }
}
