import { expect, test } from 'vitest';
import type { FetchedMessage } from '../../client/cluster.ts';
import { withoutAborted } from './without-aborted.ts';

const abort = Buffer.from([0, 0, 0, 0]);
const commit = Buffer.from([0, 0, 0, 1]);

const record = (offset: number, producerId: string, inTransaction = true): FetchedMessage => ({
  offset: String(offset),
  key: Buffer.from('k'),
  isControlRecord: false,
  batchContext: { producerId, inTransaction },
});
const marker = (offset: number, producerId: string, key: Buffer): FetchedMessage => ({
  ...record(offset, producerId),
  key,
  isControlRecord: true,
});
/** The offsets that are handed out, of a log that begins at `from`. */
function handedOut(
  from: number,
  log: readonly FetchedMessage[],
  aborted: readonly (readonly [producerId: string, firstOffset: number])[],
): number[] {
  const { messages } = withoutAborted({
    partition: 0,
    messages: log.filter(({ offset }) => Number(offset) >= from),
    abortedTransactions: aborted.map(([producerId, firstOffset]) => ({
      producerId,
      firstOffset: String(firstOffset),
    })),
  });
  return messages
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset }) => Number(offset));
}

const overlapping = [
  record(0, 'a'),
  record(1, 'b'),
  record(2, 'plain', false),
  marker(3, 'b', abort),
  record(4, 'a'),
  marker(5, 'a', abort),
  record(6, 'a'),
  marker(7, 'a', commit),
];

test.each([0, 1, 2, 3, 4, 5])(
  'overlapping transactions that were aborted are passed over, from offset %i on',
  (from) => {
    // As a broker lists them: the one that ended first comes first.
    const expected = [2, 6].filter((offset) => offset >= from);
    expect(
      handedOut(from, overlapping, [
        ['b', 1],
        ['a', 0],
      ]),
    ).toEqual(expected);
  },
);

test('a record whose key has the bytes of an abort marker ends no transaction', () => {
  const lookalike = { ...record(1, 'a'), key: abort };
  const log = [record(0, 'a'), lookalike, record(2, 'a'), marker(3, 'a', abort)];
  expect(handedOut(0, log, [['a', 0]])).toEqual([]);
});

test('every offset stays, so that a reader comes to the end', () => {
  const fetched = {
    partition: 0,
    messages: overlapping,
    abortedTransactions: [{ producerId: 'a', firstOffset: '0' }],
  };
  expect(withoutAborted(fetched).messages.map(({ offset }) => offset)).toEqual(
    overlapping.map(({ offset }) => offset),
  );
});

test('nothing is copied where nothing was aborted', () => {
  for (const abortedTransactions of [null, []]) {
    const fetched = { partition: 0, messages: overlapping, abortedTransactions };
    expect(withoutAborted(fetched)).toBe(fetched);
  }
});
