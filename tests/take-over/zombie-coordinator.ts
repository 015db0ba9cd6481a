// A coordinator that is put to sleep in the middle of a transaction, as a process whose machine has no time for it, or
// whose machine is suspended. KAFKA_BROKERS, ASLEEP (process or machine).
import { writeSync } from 'node:fs';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { createCoordinator } from '@troupe/coordinator';
import { type Clock, systemClock, TroupeError } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import { apiKeys, KafkaProxy } from '@troupe/testing/kafka-proxy';
import { portWith } from '@troupe/testing/ports';
import { createKafkajsTransport } from '@troupe/transport-kafkajs';
import { sessionTimeoutMs } from '../installations/kafka-installation.ts';

/** By the clock of a machine that is suspended no time has passed when it goes on. Here it stands until that is over. */
let stoodFromMs: number | undefined;
let stoodMs = 0;
const machineClock: Clock = {
  nowMs: () => systemClock.nowMs(),
  monotonicMs: () => (stoodFromMs ?? systemClock.monotonicMs()) - stoodMs,
  after(delayMs, run) {
    const dueMs = this.monotonicMs() + delayMs;
    const wake = () => {
      if (this.monotonicMs() >= dueMs) run();
      else cancel = systemClock.after(Math.max(dueMs - this.monotonicMs(), 1), wake);
    };
    let cancel = systemClock.after(delayMs, wake);
    return () => cancel();
  },
  sleep: async (delayMs, signal) => {
    await sleepFor(delayMs, undefined, { signal });
  },
};
const isMachine = process.env['ASLEEP'] === 'machine';
const clock = isMachine ? machineClock : systemClock;

function say(text: string): void {
  writeSync(1, `${text}\n`);
}

/** Returns when somebody wakes it. */
function fallAsleep(): void {
  stoodFromMs = systemClock.monotonicMs();
  say('falls asleep');
  process.kill(process.pid, 'SIGSTOP');
}

const proxy = new KafkaProxy();
const kafka = createKafkajsTransport({
  brokers: (process.env['KAFKA_BROKERS'] ?? '').split(','),
  clientId: 'zombie',
  socketFactory: proxy.socketFactory,
  clock,
  // However long it sleeps, it is not for that that it is refused.
  limits: { transactionTimeoutMs: 10 * 60_000 },
});
let mayFallAsleep = true;
const transport = portWith(kafka, {
  openTransactionalProducer: async (id) => {
    const producer = await kafka.openTransactionalProducer(id);
    return {
      close: () => producer.close(),
      commit: async (records) => {
        const asks = records.some(({ topic }) => topic === internalTopics.requests);
        const isLast = asks && mayFallAsleep;
        if (isLast) {
          mayFallAsleep = false;
          // Everything is in the log then, and nothing of it is committed.
          proxy.answer(apiKeys.produce, sleepOver, { times: 1 });
          proxy.answer(apiKeys.endTxn, tellEnd, { times: 1 });
          // Nor does the group tell it.
          if (isMachine) proxy.holdAnswers(apiKeys.heartbeat);
        }
        try {
          await producer.commit(records);
          if (isLast) say('committed');
        } catch (error) {
          if (isLast) say(`refused: ${error instanceof TroupeError ? error.code : error}`);
          throw error;
        } finally {
          if (isLast) stoodMs += systemClock.monotonicMs() - (stoodFromMs ?? 0);
          if (isLast) stoodFromMs = undefined;
        }
      },
    };
  },
});

function sleepOver(frame: Buffer): Buffer {
  fallAsleep();
  return frame;
}

/** Behind its length, the request's id and the throttle time. */
const errorCodeAt = 12;
function tellEnd(frame: Buffer): Buffer {
  say(`the broker says ${frame.readInt16BE(errorCodeAt)}`);
  return frame;
}

const coordinator = createCoordinator({
  transport,
  serde: createAvroSerde({ registry: createInProcessRegistry() }),
  clock,
  limits: { sessionTimeoutMs },
});
await coordinator.start();
say('takes part');
