import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutgoingRecord } from '@troupe/core';
import { recordBytes } from '@troupe/core/internal';
import { expect, test } from 'vitest';
import { keepAnswers } from './keep-answers.ts';
import { SendRound } from './send-round.ts';

const clientRequire = createRequire(import.meta.url);
const messageTooLarge = 10;

const record = (topic: string, partition: number): OutgoingRecord => ({
  topic,
  partition,
  key: 'k',
  value: null,
  headers: {},
});

function roundOf(...places: readonly (readonly [topic: string, partition: number])[]) {
  const records = places.map(([topic, partition]) => record(topic, partition));
  const round = new SendRound(records, () => 2);
  const messages = round.topics.flatMap(({ batches }) => batches.map((batch) => batch.messages));
  return { round, messages };
}

test('everything that was sent has to be acknowledged', async () => {
  const { round, messages } = roundOf(['a', 0], ['a', 1], ['b', 0]);
  await round.ask(messages.slice(0, 2), async () => 'written');
  expect(() => round.checkAcknowledged()).toThrow(
    expect.objectContaining({
      code: 'transport-unavailable',
      retryable: true,
      details: { places: ['b/0'] },
    }),
  );
  await round.ask(messages.slice(2), async () => 'written');
  round.checkAcknowledged();
});

test.each([3, 4, 5, 6, 7])(
  'what is written beside what is refused counts (version %d)',
  async (version) => {
    keepAnswers();
    const { parse } = clientRequire(
      `kafkajs/src/protocol/requests/produce/v${version}/response.js`,
    );
    const { round, messages } = roundOf(['a', 0], ['a', 1], ['b', 0]);
    const partition = (number: number, errorCode: number) => ({ partition: number, errorCode });
    const topics = [
      { topicName: 'a', partitions: [partition(1, messageTooLarge), partition(0, 0)] },
      { topicName: 'b', partitions: [partition(0, 0)] },
    ];
    await expect(round.ask(messages, () => parse({ topics }))).rejects.toMatchObject({
      type: 'MESSAGE_TOO_LARGE',
    });
    const places = [record('a', 0), record('a', 1), record('b', 0)];
    expect(places.map((place) => round.isAcknowledged(place))).toEqual([true, false, true]);
  },
);

test('a batch of several records that was too large is told with its bytes', async () => {
  keepAnswers();
  const { parse } = clientRequire('kafkajs/src/protocol/requests/produce/v7/response.js');
  const { round, messages } = roundOf(['a', 0], ['a', 0], ['b', 0]);
  const partitions = [{ partition: 0, errorCode: messageTooLarge }];
  const topics = ['a', 'b'].map((topicName) => ({ topicName, partitions }));
  await expect(round.ask(messages, () => parse({ topics }))).rejects.toThrow();
  expect(round.tooLarge).toEqual([{ topic: 'a', bytes: 2 * recordBytes(record('a', 0)) }]);
});

test.each([
  ['no answer', undefined, true],
  ['UNKNOWN_SERVER_ERROR', -1, true],
  ['REQUEST_TIMED_OUT', 7, true],
  ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 20, true],
  ['DUPLICATE_SEQUENCE_NUMBER', 46, true],
  ['MESSAGE_TOO_LARGE', messageTooLarge, false],
  ['NOT_LEADER_FOR_PARTITION', 6, false],
  ['TOPIC_AUTHORIZATION_FAILED', 29, false],
])('after %s (%s) it may have been written: %s', async (_, errorCode, isInDoubt) => {
  keepAnswers();
  const { parse } = clientRequire('kafkajs/src/protocol/requests/produce/v7/response.js');
  const { round, messages } = roundOf(['a', 0], ['a', 1]);
  const answer = { topics: [{ topicName: 'a', partitions: [{ partition: 0, errorCode }] }] };
  const lost = () => Promise.reject(new Error('closed'));
  const ask = () => (errorCode === undefined ? lost() : parse(answer));
  await expect(round.ask(messages.slice(0, 1), ask)).rejects.toThrow();
  expect([0, 1].map((partition) => round.isInDoubt(record('a', partition)))).toEqual([
    isInDoubt,
    // Nobody was asked about it.
    false,
  ]);
});

test('what is acknowledged after all is in doubt no more, what is refused then is still', async () => {
  const { round, messages } = roundOf(['a', 0], ['a', 1]);
  const lost = () => Promise.reject(new Error('closed'));
  await expect(round.ask(messages, lost)).rejects.toThrow();
  await round.ask(messages.slice(0, 1), async () => 'written');
  const { parse } = clientRequire('kafkajs/src/protocol/requests/produce/v7/response.js');
  const moved = { topics: [{ topicName: 'a', partitions: [{ partition: 1, errorCode: 6 }] }] };
  await expect(round.ask(messages.slice(1), () => parse(moved))).rejects.toThrow();
  const places = [record('a', 0), record('a', 1)];
  expect(places.map((place) => round.isInDoubt(place))).toEqual([false, true]);
});

test('a failure waits for nobody where nobody is asked', async () => {
  const { round, messages } = roundOf(['a', 0], ['a', 1]);
  const failing = () => round.ask(messages.slice(0, 1), () => Promise.reject(new Error('moved')));
  await expect(failing()).rejects.toThrow('moved');
  await expect(failing()).rejects.toThrow('moved');
});

test('what is on its way is waited for, and what is asked after that', async () => {
  const { round, messages } = roundOf(['a', 0], ['a', 1]);
  const adding = Promise.withResolvers<void>();
  const slow = Promise.withResolvers<void>();
  const other = round
    .step(() => adding.promise)
    .then(() => round.ask(messages.slice(1), () => slow.promise));
  let failure: unknown;
  const failing = round
    .ask(messages.slice(0, 1), () => Promise.reject(new Error('moved')))
    .catch((error: unknown) => {
      failure = error;
    });
  await turns();
  adding.resolve();
  await turns();
  expect(failure).toBeUndefined();
  slow.resolve();
  await Promise.all([other, failing]);
  expect(failure).toMatchObject({ message: 'moved' });
});

/** More than a failure that waits for nobody takes. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}
