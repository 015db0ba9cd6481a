import { AsyncLocalStorage } from 'node:async_hooks';
import { systemClock } from '@troupe/core';
import type { Producer } from 'kafkajs';
import { kafkajsModule, patchOnce } from '../client/kafkajs-modules.ts';
import { faultType } from '../client/transport-error-of.ts';
import { keepAnswers } from './keep-answers.ts';
import { asTopicMessages } from './requests/topic-batches.ts';
import type { Messages, SendRound } from './send-round.ts';

const brokerModule = 'kafkajs/src/broker/index.js';

/** What kafkajs asks one broker: each group of messages is one record batch. */
interface ProduceRequest {
  readonly topicData: readonly {
    readonly partitions: readonly { readonly messages: Messages }[];
  }[];
}

type Produce = (request: ProduceRequest) => Promise<unknown>;
/** What kafkajs asks the coordinator of a transaction, before it asks a broker to produce. */
interface AddRequest {
  readonly topics?: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
}
type AddPartitions = (request: AddRequest) => Promise<unknown>;

/** For some milliseconds after a commit no partition can be added to the next transaction. */
const addFirstDelayMs = 2;
const addDelayMsMax = 100;
const addAttemptsMax = 40;

/** For which send a broker is asked: kafkajs passes nothing of ours on to where it asks. */
const currentRound = new AsyncLocalStorage<SendRound>();

/**
 * `sendBatch` of kafkajs, which asks several brokers at once and, when one of them fails, asks again those that have not
 * answered, wherever the partitions are by then. Rejects when some partition was not acknowledged.
 *
 * While one broker is slow to answer, because it waits for a replica that has just died, kafkajs asks it a second time,
 * with the next sequence numbers: its records are written twice, and acknowledged once. So each broker's failure is kept
 * back until all have answered, and a batch that was acknowledged, or is on its way, never goes out again.
 *
 * Adding partitions to a transaction too soon after the last commit is refused for some milliseconds. Were that to fail
 * the send, another broker might already have its part; so only this request is repeated. When it fails for good, that is
 * kept back, too.
 */
export async function sendOnce(
  producer: Pick<Producer, 'sendBatch'>,
  round: SendRound,
): Promise<void> {
  keepAnswers();
  watchSends();
  const topicMessages = round.topics.map(asTopicMessages);
  await currentRound.run(round, () => producer.sendBatch({ acks: -1, topicMessages }));
  round.checkAcknowledged();
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
    const round = currentRound.getStore();
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
        if (!isTooSoon || attempt === addAttemptsMax) {
          await currentRound.getStore()?.notAdded(request.topics ?? []);
          throw error;
        }
        await systemClock.sleep(delayMs, new AbortController().signal);
        delayMs = Math.min(delayMs * 1.5, addDelayMsMax);
      }
    }
  };
}
