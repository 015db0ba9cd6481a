import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evolve, type Progress } from './progress.ts';
import type { SagaEvent } from './saga-event.ts';

const step = 'a';
const about = { saga: 'test-saga@1#00000000', sagaId: '1' } as const;

/** Everything that may be known of how one step ended. */
const facts: readonly SagaEvent[] = [
  { type: 'step-succeeded', step, eventId: 'success 2', atMs: 1 },
  { type: 'step-succeeded', step, eventId: 'success 1', atMs: 2 },
  { type: 'step-rejected', step, eventId: 'rejection 2', atMs: 0 },
  { type: 'step-rejected', step, eventId: 'rejection 1', atMs: 3 },
  { type: 'step-failed', step, eventId: 'f2', inDoubt: true, code: 'a', message: '', atMs: 4 },
  { type: 'step-failed', step, eventId: 'f1', inDoubt: false, code: 'b', message: '', atMs: 5 },
  { type: 'step-failed', step, eventId: 'f3', inDoubt: false, code: 'a', message: '', atMs: 5 },
  { type: 'step-timed-out', step, atMs: 6 },
  { type: 'step-skipped', step, reason: 'cancelled', atMs: 7 },
  { type: 'step-skipped', step, reason: 'condition', atMs: 8 },
  { type: 'step-compensated', step, undoes: 'success 1', atMs: 9 },
];

function fold(events: readonly SagaEvent[]): Progress | undefined {
  const awaited: SagaEvent = { type: 'saga-awaited', ...about, atMs: 0 };
  return [awaited, ...events].reduce<Progress | undefined>(evolve, undefined);
}

test('I4: what is known of a step does not depend on the order in which it came', () => {
  const some = fc.subarray([...facts]);
  const twoOrders = some.chain((subset) =>
    fc.tuple(
      fc.constant(subset),
      fc.shuffledSubarray(subset, { minLength: subset.length, maxLength: subset.length }),
    ),
  );
  fc.assert(
    fc.property(twoOrders, ([one, other]) => {
      expect(fold(other)).toEqual(fold(one));
    }),
    { numRuns: 500 },
  );
});

test('I4: of all facts together', () => {
  expect(fold(facts)?.steps[step]).toEqual({
    successes: ['success 1', 'success 2'],
    resolvedAtMs: 0,
    rejection: 'rejection 1',
    failure: { eventIds: ['f1', 'f2', 'f3'], inDoubt: true, code: 'b', atMs: 5 },
    timedOutAtMs: 6,
    skipped: 'condition',
    undoings: { 'success 1': { requests: 0, state: 'compensated' } },
  });
});

test('what is not begun is not known', () => {
  const success = facts[0];
  expect(success && evolve(undefined, success)).toBeUndefined();
});
