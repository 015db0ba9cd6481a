import { graphRelations } from '../graph.ts';
import type { SagaDecision } from '../saga-event.ts';
import type { SagaGraph } from '../saga-graph.ts';
import { isUndone, type StepState, type StepStates } from './step-state.ts';

/** A doomed saga: what runs is cancelled, what succeeded is undone, the last first. */
export function undoing(graph: SagaGraph, states: StepStates): SagaDecision[] {
  const decisions = cancellations(states);
  if (pivotBlocksUndoing(graph, states)) return decisions;
  const { descendants } = graphRelations(graph);
  for (const [step, state] of [...states].reverse()) {
    for (const undoes of state.toUndo) {
      if (state.facts.undoings?.[undoes] !== undefined) continue;
      if (!allQuiet(descendants.get(step) ?? [], states)) continue;
      decisions.push({ type: 'compensation-requested', step, undoes, requestNumber: 1 });
    }
  }
  return decisions;
}

/**
 * Nothing is undone once the pivot was triggered, until it is known not to happen: rejected, skipped, durably
 * cancelled (which is answered by a skip), or failed without doubt.
 */
export function pivotBlocksUndoing(graph: SagaGraph, states: StepStates): boolean {
  const { pivot } = graphRelations(graph);
  const state = pivot && states.get(pivot.name);
  if (state === undefined || !state.begun) return false;
  if (state.outcome === 'rejected' || state.outcome === 'skipped') return false;
  return state.outcome !== 'failed' || state.facts.failure?.inDoubt !== false;
}

/** The fence: the participant answers with the outcome that it has recorded, or that it never will run the step. */
function cancellations(states: StepStates): SagaDecision[] {
  const decisions: SagaDecision[] = [];
  for (const [step, state] of states) {
    if (!state.mayStillRun || state.facts.cancelRequests !== undefined) continue;
    // A request to compensate without output cancels as well.
    if (state.toUndo.length > 0) continue;
    decisions.push({ type: 'cancel-requested', step, requestNumber: 1 });
  }
  return decisions;
}

/** Compensation never overtakes: whatever a success triggered has ended, and is undone, before the success is. */
function allQuiet(names: Iterable<string>, states: StepStates): boolean {
  for (const name of names) {
    const state = states.get(name);
    if (state !== undefined && !isQuiet(state)) return false;
  }
  return true;
}

export function isQuiet(state: StepState): boolean {
  return !state.mayStillRun && isUndone(state);
}
