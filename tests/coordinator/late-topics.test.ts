import { setTimeout as sleep } from 'node:timers/promises';
import {
  defineEvent,
  defineSaga,
  defineStep,
  type Transport,
  TransportError,
  t,
} from '@troupe/core';
import { portWith } from '@troupe/testing/ports';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryInstallation } from '../installations/memory-installation.ts';

const id = t.string().key();
const timeoutMs = 300;
class Asked extends defineEvent('asks.Asked', { id }) {}
class Answered extends defineEvent('answers.Answered', { id }) {}
class Forgotten extends defineEvent('answers.Forgotten', { id }) {}
const answer = defineStep('answer', {
  after: Asked,
  emits: Answered,
  compensates: Forgotten,
  timeoutMs,
});
const ask = defineSaga('ask', { version: 1, startsOn: Asked, steps: [answer] });

let troupe: MemoryInstallation;
beforeEach(async () => {
  troupe = new MemoryInstallation(ask);
  await troupe.open();
});
afterEach(() => troupe.close());

/** The topic of the answers is not looked up at first, and read some time after it is. */
function readsAnswersLate(transport: Transport): Transport {
  let isAllowed = false;
  return portWith(transport, {
    topics: portWith(transport.topics, {
      partitionCounts: async (topics) => {
        if (!topics.includes('answers') || isAllowed) {
          return transport.topics.partitionCounts(topics);
        }
        isAllowed = true;
        throw new TransportError('not-authorized', 'not yet');
      },
    }),
    subscribe: async (subscription) => {
      const consumer = await transport.subscribe(subscription);
      return portWith(consumer, {
        changeTopics: async (topics) => {
          await sleep(timeoutMs);
          await consumer.changeTopics(topics);
        },
      });
    },
  });
}

test('rule 11: no time limit passes for a saga as long as one of its topics is not read', {
  timeout: 20_000,
}, async () => {
  await troupe.define();
  const first = await troupe.startCoordinator();
  await troupe.publish(new Asked({ id: 'one' }));
  await vi.waitFor(() => expect(troupe.phase('one')).toBe('running'));
  first.kill();
  await troupe.publish(new Answered({ id: 'one' }));
  await sleep(2 * timeoutMs);

  const { coordinator } = await troupe.startCoordinator({ around: readsAnswersLate });
  expect(coordinator.health().refusedDefinitions).toHaveLength(1);
  await vi.waitFor(() => expect(troupe.phase('one')).toBe('completed'), 15_000);
  expect(troupe.lifeOf('one').map(({ type }) => type)).not.toContain('step-timed-out');
});
