import { inDoubt } from '../effect-id.ts';
import { graphRelations } from '../graph/graph-relations.ts';
import type { SagaGraph } from '../graph/saga-graph.ts';
import type { StepProgress } from '../progress.ts';
import type { SagaDecision } from '../saga-event.ts';
import { isUndone, pivotState, type StepState, type StepStates } from './step-state.ts';

/** A doomed saga: what may still run is cancelled, what was done is undone, the last first (rule 7). */
export function undoing(graph: SagaGraph, states: StepStates): SagaDecision[] {
  const pivot = pivotState(graph, states);
  // Its success would save the saga: before it is settled, nothing else is cancelled or undone (rule 9).
  if (pivot !== undefined && mayHaveHappened(pivot)) return cancellation(pivot);
  const decisions: SagaDecision[] = [];
  for (const state of [...states.values()].reverse()) {
    const undone = compensations(graph, states, state);
    // To undo a step in doubt is to cancel it as well.
    decisions.push(...(undone.length > 0 ? undone : cancellation(state)));
  }
  return decisions;
}

/**
 * Once it was triggered, the pivot may have happened, until it is known that it did not and never will: rejected,
 * skipped, durably cancelled (which is answered by a skip), or failed without doubt.
 */
export function mayHaveHappened(pivot: StepState): boolean {
  const { begun, outcome, facts } = pivot;
  if (!begun || outcome === 'rejected' || outcome === 'skipped') return false;
  return outcome !== 'failed' || facts.failure?.inDoubt !== false;
}

/**
 * The fence: the participant answers with the outcome that it has recorded, a failure too, or that it never will run
 * the step.
 */
function cancellation({ node, facts, mayStillRun }: StepState): SagaDecision[] {
  const isFenced = facts.cancelRequests !== undefined || isSettledOrAsked(facts, inDoubt);
  if (!mayStillRun || isFenced) return [];
  return [{ type: 'cancel-requested', step: node.name, requestNumber: 1 }];
}

function compensations(graph: SagaGraph, states: StepStates, state: StepState): SagaDecision[] {
  const step = state.node.name;
  const open = state.toUndo.filter((undoes) => !isSettledOrAsked(state.facts, undoes));
  if (open.length === 0 || !mayBeUndone(graph, states, state)) return [];
  return open.map((undoes) => ({
    type: 'compensation-requested',
    step,
    undoes,
    requestNumber: 1,
  }));
}

/** Asked for, or done without that. What failed without having been asked for says nothing: it is asked for once (I3). */
function isSettledOrAsked({ undoings }: StepProgress, undoes: string): boolean {
  const undoing = undoings?.[undoes];
  return undoing !== undefined && (undoing.requests > 0 || undoing.state === 'compensated');
}

/** Compensation never overtakes: whatever depends on a step has ended, and is undone, before the step is. */
function mayBeUndone(graph: SagaGraph, states: StepStates, state: StepState): boolean {
  // It is undone with the inputs that it ran with; where its success overtook them, they are still to come.
  if (state.input === 'waiting') return false;
  for (const name of graphRelations(graph).descendants.get(state.node.name) ?? []) {
    const descendant = states.get(name);
    if (descendant !== undefined && !isQuiet(descendant)) return false;
  }
  return true;
}

/** Nothing will come of it any more, and nothing that came of it is left. */
export function isQuiet(state: StepState): boolean {
  return !state.mayStillRun && isUndone(state);
}
