import { inDoubt, type SagaGraph, type SagaInput, sagaRef } from '@troupe/core/internal';
import fc from 'fast-check';
import { otherVersion } from './other-version.ts';

/**
 * Anything that somebody may put on the topics of one saga: names, ids and references that fit, and some that do not. And
 * anything that a coordinator may not be able to do for it.
 */
export function arbitraryInput(graph: SagaGraph): fc.Arbitrary<SagaInput> {
  const own = sagaRef(graph);
  const other = sagaRef(otherVersion(graph));
  const known = graph.steps.map(({ name }) => name);
  const saga = fc.oneof(
    { arbitrary: fc.constant(own), weight: 9 },
    { arbitrary: fc.constant(other), weight: 1 },
  );
  const step = fc.oneof(
    { arbitrary: fc.constantFrom(...known), weight: 9 },
    { arbitrary: fc.constantFrom('nobody', 'constructor', '__proto__'), weight: 1 },
  );
  const eventId = fc.constantFrom('1', '2', '3', 'constructor', '__proto__');
  const of = { saga, sagaId: fc.constant('saga-1'), eventId, atMs: fc.nat(10_000) };
  const undoes = fc.constantFrom('1', '2', inDoubt, 'constructor', '__proto__');
  const fault = { code: fc.constant('unknown'), message: fc.constant('it did not work') };
  return fc.oneof<fc.Arbitrary<SagaInput>[]>(
    fc.record({ kind: fc.constant('started'), ...of, stamped: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('succeeded', 'rejected'), ...of, step }),
    fc.record({ kind: fc.constantFrom('succeeded', 'rejected'), ...of, step }),
    fc.record({ kind: fc.constant('failed'), ...of, step, ...fault, inDoubt: fc.boolean() }),
    fc.record({
      kind: fc.constant('skipped'),
      ...of,
      step,
      reason: fc.constantFrom('condition', 'cancelled'),
    }),
    fc.record({ kind: fc.constant('compensated'), ...of, step, undoes }),
    fc.record({ kind: fc.constant('compensation-failed'), ...of, step, undoes, ...fault }),
    fc.record({ kind: fc.constant('unexpected'), ...of, type: fc.constant('test.Unknown') }),
    fc.record({
      kind: fc.constant('request-impossible'),
      step,
      reason: fc.constantFrom('too-large', 'payload-missing'),
    }),
    fc.record({
      kind: fc.constant('input-lost'),
      reason: fc.constantFrom('too-large', 'internal-fault'),
    }),
    fc.record({ kind: fc.constant('time-fault') }),
    fc.record({ kind: fc.constant('time-passed'), untilMs: fc.nat(100_000) }),
  );
}
