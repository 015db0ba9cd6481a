import { systemClock, TransportError } from '@troupe/core';
import type { Message, Producer, RecordMetadata, TopicMessages } from 'kafkajs';
import { kafkajsModule, patchOnce } from '../client/kafkajs-modules.ts';
import { faultType } from '../client/transport-error-of.ts';
import { checkAcknowledged } from './check-acknowledged.ts';

const brokerModule = 'kafkajs/src/broker/index.js';

/** What kafkajs asks one broker: each group of messages is one record batch. */
interface ProduceRequest {
  readonly topicData: readonly {
    readonly partitions: readonly { readonly messages: Messages }[];
  }[];
}

type Messages = readonly Message[];
type Produce = (request: ProduceRequest) => Promise<unknown>;
type AddPartitions = (request: unknown) => Promise<unknown>;

/** For some milliseconds after a commit no partition can be added to the next transaction. */
const addFirstDelayMs = 2;
const addDelayMsMax = 100;
const addAttemptsMax = 40;

const rounds = new WeakMap<Messages, SendRound>();

/**
 * `sendBatch` of kafkajs, which asks several brokers at once and, when one of them fails, asks again those that have not
 * answered, wherever the partitions are by then. Rejects when some partition was not acknowledged.
 *
 * While one broker is slow to answer, because it waits for a replica that has just died, kafkajs asks it a second time,
 * with the next sequence numbers: its records are written twice, and acknowledged once. So each broker's failure is kept
 * back until all have answered, and a batch that was acknowledged, or is on its way, never goes out again.
 *
 * Adding partitions to a transaction too soon after the last commit is refused for some milliseconds. Were that to fail
 * the send, another broker might already have its part; so only this request is repeated.
 */
export async function sendOnce(
  producer: Pick<Producer, 'sendBatch'>,
  topicMessages: TopicMessages[],
): Promise<readonly RecordMetadata[]> {
  watchSends();
  // As `topicMessages` has grouped them: kafkajs gets the same arrays at each attempt.
  const batches = topicMessages.flatMap(({ messages }) =>
    Object.values(messages.reduce<Record<number, Message[]>>((none) => none, {})),
  );
  const round = new SendRound(batches);
  for (const batch of batches) rounds.set(batch, round);
  const answers = await producer.sendBatch({ acks: -1, topicMessages });
  checkAcknowledged(topicMessages, answers);
  return answers;
}

/** What became of the batches of one `sendBatch`. */
class SendRound {
  /** On their way, or acknowledged. */
  readonly #sent = new Set<Messages>();
  /** Those of which nothing was heard yet, neither good nor bad. */
  readonly #unheard: Set<Messages>;
  readonly #allHeard = Promise.withResolvers<void>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(batches: readonly Messages[]) {
    this.#unheard = new Set(batches);
  }

  async ask(batches: readonly Messages[], produce: () => Promise<unknown>): Promise<unknown> {
    if (batches.some((batch) => this.#sent.has(batch))) {
      throw new TransportError(
        'transport-unavailable',
        'a part of it is on its way already, or was acknowledged: send it again',
      );
    }
    for (const batch of batches) this.#sent.add(batch);
    const asked = produce();
    this.#underWay.add(asked);
    try {
      return await asked;
    } catch (error) {
      for (const batch of batches) this.#sent.delete(batch);
      this.#heard(batches);
      await this.#allHeard.promise;
      await Promise.allSettled(this.#underWay);
      throw error;
    } finally {
      this.#heard(batches);
      this.#underWay.delete(asked);
    }
  }

  #heard(batches: readonly Messages[]): void {
    for (const batch of batches) this.#unheard.delete(batch);
    if (this.#unheard.size === 0) this.#allHeard.resolve();
  }
}

/** Idempotent. */
function watchSends(): void {
  patchOnce('send once', () => {
    const { prototype } = kafkajsModule<{
      prototype: { produce: Produce; addPartitionsToTxn: AddPartitions };
    }>(brokerModule);
    prototype.produce = produceOnce(prototype.produce);
    prototype.addPartitionsToTxn = addPatiently(prototype.addPartitionsToTxn);
  });
}

function produceOnce(produce: Produce): Produce {
  return async function produceInItsRound(this: unknown, request) {
    const batches = request.topicData.flatMap(({ partitions }) =>
      partitions.map(({ messages }) => messages),
    );
    const round = batches[0] === undefined ? undefined : rounds.get(batches[0]);
    const ask = () => produce.call(this, request);
    return round === undefined ? ask() : round.ask(batches, ask);
  };
}

function addPatiently(add: AddPartitions): AddPartitions {
  return async function addUntilNotTooSoon(this: unknown, request) {
    let delayMs = addFirstDelayMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await add.call(this, request);
      } catch (error) {
        const isTooSoon = faultType(error) === 'CONCURRENT_TRANSACTIONS';
        if (!isTooSoon || attempt === addAttemptsMax) throw error;
        await systemClock.sleep(delayMs, new AbortController().signal);
        delayMs = Math.min(delayMs * 1.5, addDelayMsMax);
      }
    }
  };
}
