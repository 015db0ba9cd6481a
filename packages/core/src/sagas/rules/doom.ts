import { graphRelations } from '../graph/graph-relations.ts';
import type { SagaGraph } from '../graph/saga-graph.ts';
import type { Progress } from '../progress.ts';
import type { DoomCause } from '../saga-event.ts';
import { isContradictory, isUndoneInPart } from './contradiction.ts';
import { pivotState, pivotSucceeded, type StepState, type StepStates } from './step-state.ts';

export interface Doom {
  readonly cause: DoomCause;
  readonly step?: string | undefined;
}

/** Doomed, and no pivot succeeded in spite of it: everything that was done is to be undone. */
export function isDoomed(graph: SagaGraph, progress: Progress, states: StepStates): boolean {
  return progress.doom !== undefined && !pivotSucceeded(graph, states);
}

/**
 * Why the facts doom this saga, if they do. Every cause is a fact that never goes away, so that the order of events
 * does not matter (I4); only a pivot's success outweighs them all (rule 10).
 */
export function doomOf(graph: SagaGraph, progress: Progress, states: StepStates): Doom | undefined {
  if (pivotSucceeded(graph, states)) return undefined;
  const { handledRejections } = graphRelations(graph);
  for (const [step, state] of states) {
    if (isForThePivotToSay(graph, state, states)) continue;
    const cause = doomedBy(state, handledRejections.has(step));
    if (cause !== undefined) return { cause, step };
  }
  return progress.deadlinePassed ? { cause: 'saga-timed-out' } : undefined;
}

/**
 * A step after the pivot was heard of before the pivot was. If the pivot succeeds, that dooms nothing. If it is rejected and
 * the step belongs to the branch that handles this, it does.
 */
function isForThePivotToSay(graph: SagaGraph, state: StepState, states: StepStates): boolean {
  return (
    graphRelations(graph).afterPivot.has(state.node.name) &&
    pivotState(graph, states)?.outcome !== 'rejected'
  );
}

function doomedBy(state: StepState, rejectionIsHandled: boolean): DoomCause | undefined {
  const { facts, node } = state;
  if (isContradictory(facts) || isUndoneInPart(facts)) return 'contradictory-outcomes';
  if (facts.rejection !== undefined && !rejectionIsHandled) return 'rejected';
  if (facts.failure !== undefined) return 'failed';
  if (facts.timedOutAtMs !== undefined) return 'timed-out';
  const skipped = state.outcome === 'skipped' || (state.input === 'without' && !state.begun);
  return node.pivot && skipped ? 'pivot-skipped' : undefined;
}
