import { expect, test } from 'vitest';
import { checkAcknowledged } from './check-acknowledged.ts';

const message = (partition: number) => ({ key: 'k', value: 'v', partition });
const sent = [
  { topic: 'a', messages: [message(0), message(1), message(0)] },
  { topic: 'b', messages: [message(0)] },
];
const answer = (topicName: string, partition: number, errorCode = 0) => ({
  topicName,
  partition,
  errorCode,
});

test('every partition that was sent to is in the answers', () => {
  checkAcknowledged(sent, [answer('a', 1), answer('b', 0), answer('a', 0)]);
});

test.each([
  ['has no answer', [answer('a', 0), answer('b', 0)]],
  ['has a failure for an answer', [answer('a', 0), answer('a', 1, 6), answer('b', 0)]],
])('a partition that %s is named, and its records have to be sent again', (_, answers) => {
  expect(() => checkAcknowledged(sent, answers)).toThrow(
    expect.objectContaining({
      code: 'transport-unavailable',
      retryable: true,
      details: { places: ['a/1'] },
    }),
  );
});
