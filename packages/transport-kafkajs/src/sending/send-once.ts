import { AsyncLocalStorage } from 'node:async_hooks';
import { systemClock } from '@troupe/core';
import type { Producer } from 'kafkajs';
import { kafkajsModule, patchOnce } from '../client/kafkajs-modules.ts';
import { faultType } from '../client/transport-error-of.ts';
import { keepAnswers } from './keep-answers.ts';
import { asTopicMessages } from './requests/topic-batches.ts';
import type { Messages, SendRound } from './send-round.ts';

const brokerModule = 'kafkajs/src/broker/index.js';
const clusterModule = 'kafkajs/src/cluster/index.js';

/** What kafkajs asks one broker: each group of messages is one record batch. */
interface ProduceRequest {
  readonly topicData: readonly {
    readonly partitions: readonly { readonly messages: Messages }[];
  }[];
}

type Produce = (request: ProduceRequest) => Promise<unknown>;
/** What kafkajs asks first where there is a transaction: who coordinates it, and to add partitions to it. */
type FirstStep = (request: unknown) => Promise<unknown>;

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
 * Adding partitions to a transaction too soon after the last commit is refused for some milliseconds. That request is
 * repeated by itself: as a failure it would be told, and tried again, when all others have answered. So are its last one,
 * and that the coordinator of the transaction was not found.
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
      prototype: { produce: Produce; addPartitionsToTxn: FirstStep };
    }>(brokerModule);
    prototype.produce = produceOnce(prototype.produce);
    prototype.addPartitionsToTxn = inItsRound(addPatiently(prototype.addPartitionsToTxn));
    const cluster = kafkajsModule<{ prototype: { findGroupCoordinator: FirstStep } }>(
      clusterModule,
    );
    cluster.prototype.findGroupCoordinator = inItsRound(cluster.prototype.findGroupCoordinator);
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

function inItsRound(step: FirstStep): FirstStep {
  return async function askInItsRound(this: unknown, request) {
    const round = currentRound.getStore();
    const ask = () => step.call(this, request);
    return round === undefined ? ask() : round.step(ask);
  };
}

function addPatiently(add: FirstStep): FirstStep {
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
