import type { SagaGraph, StepNode } from '@troupe/core/internal';
import fc from 'fast-check';

/** What a participant makes of one step in a simulated world. */
export interface Behaviour {
  readonly execute:
    | 'succeed'
    | 'reject'
    /** Its condition is false. */
    | 'skip'
    /** Attempts used up; what it does had been done. */
    | 'fail-done'
    /** Attempts used up; nothing had been done, but nobody knows. */
    | 'fail-undone'
    /** `NotDone`: nothing had been done, and it says so. */
    | 'fail-not-done';
  /** After so many failed attempts it succeeds. Only after the pivot is it asked again. */
  readonly failuresMax: number;
  /** `late`: when its time limit has passed. `silent`: only when it was asked not to run, or to undo. */
  readonly hears: 'promptly' | 'late' | 'silent';
  readonly compensate: 'succeed' | 'fail';
  /** What it does when it is to undo, in doubt, a step that it was asked not to run before. */
  readonly undoesCancelled: boolean;
}

export type Behaviours = ReadonlyMap<string, Behaviour>;

/** What may happen in a world besides what its steps do. */
export interface Weather {
  /** Participants may be so late that time limits pass, or not be heard of at all. */
  readonly lag: boolean;
  /** Steps may fail for technical reasons. */
  readonly failures: boolean;
  /** So may what undoes them. */
  readonly undoFailures: boolean;
}

export function behavioursOf(graph: SagaGraph, weather: Weather): fc.Arbitrary<Behaviours> {
  const all = graph.steps.map((node) =>
    behaviourOf(node, weather).map((behaviour): [string, Behaviour] => [node.name, behaviour]),
  );
  return fc.tuple(...all).map((entries) => new Map(entries));
}

function behaviourOf(
  node: StepNode,
  { lag, failures, undoFailures }: Weather,
): fc.Arbitrary<Behaviour> {
  const executes: { arbitrary: fc.Arbitrary<Behaviour['execute']>; weight: number }[] = [
    { arbitrary: fc.constant('succeed'), weight: 16 },
  ];
  if (node.rejects) executes.push({ arbitrary: fc.constant('reject'), weight: 3 });
  if (node.conditional) executes.push({ arbitrary: fc.constant('skip'), weight: 3 });
  if (failures) {
    const fails = fc.constantFrom(
      'fail-done' as const,
      'fail-undone' as const,
      'fail-not-done' as const,
    );
    executes.push({ arbitrary: fails, weight: 2 });
  }
  return fc.record({
    execute: fc.oneof(...executes),
    failuresMax: fc.integer({ min: 1, max: 5 }),
    hears: lag
      ? fc.oneof(
          { arbitrary: fc.constant('promptly' as const), weight: 16 },
          { arbitrary: fc.constantFrom('late' as const, 'silent' as const), weight: 2 },
        )
      : fc.constant('promptly' as const),
    compensate: undoFailures
      ? fc.oneof(
          { arbitrary: fc.constant('succeed' as const), weight: 19 },
          { arbitrary: fc.constant('fail' as const), weight: 1 },
        )
      : fc.constant('succeed' as const),
    undoesCancelled: fc.boolean(),
  });
}
