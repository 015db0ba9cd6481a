import { graphRelations } from '../graph.ts';
import type { Progress } from '../progress.ts';
import type { StuckReason } from '../saga-event.ts';
import type { SagaGraph } from '../saga-graph.ts';
import type { SagaLimits } from '../saga-limits.ts';
import { isContradictory, isDoomed } from './doom.ts';
import { isFailing, retryAtMs } from './forward.ts';
import type { StepState, StepStates } from './step-state.ts';
import { isQuiet, pivotBlocksUndoing } from './undo.ts';

export interface Stuck {
  readonly reason: StuckReason;
  readonly step?: string | undefined;
}

export type Standing = 'completed' | 'compensated' | 'under-way' | Stuck;

/** Where a saga stands: ended, stuck, or on its way. Every saga that nothing drives on is stuck, and says why. */
export function standing(
  graph: SagaGraph,
  progress: Progress,
  states: StepStates,
  limits: SagaLimits,
): Standing {
  if (progress.lateSuccess !== undefined) {
    return { reason: 'late-success', step: progress.lateSuccess };
  }
  return isDoomed(graph, progress, states)
    ? standingOfDoomed(graph, states)
    : standingOfForward(graph, states, limits);
}

function standingOfDoomed(graph: SagaGraph, states: StepStates): Standing {
  if (pivotBlocksUndoing(graph, states)) {
    const { pivot } = graphRelations(graph);
    const state = pivot && states.get(pivot.name);
    const doubtful = state !== undefined && isFailing(state);
    return doubtful ? { reason: 'pivot-in-doubt', step: state.node.name } : 'under-way';
  }
  for (const state of states.values()) {
    const reason = stuckUndoing(state);
    if (reason !== undefined) return { reason, step: state.node.name };
  }
  return [...states.values()].every(isQuiet) ? 'compensated' : 'under-way';
}

function stuckUndoing(state: StepState): StuckReason | undefined {
  for (const undoes of state.toUndo) {
    const undoing = state.facts.undoings?.[undoes]?.state;
    if (undoing === 'failed') return 'compensation-failed';
    if (undoing === 'timed-out') return 'compensation-timed-out';
  }
  const unanswered = state.outcome === 'timed-out' && state.mayStillRun;
  return unanswered && state.toUndo.length === 0 ? 'step-in-doubt' : undefined;
}

function standingOfForward(graph: SagaGraph, states: StepStates, limits: SagaLimits): Standing {
  let open = false;
  for (const state of states.values()) {
    const step = state.node.name;
    if (isContradictory(state)) return { reason: 'contradictory-outcomes', step };
    if (state.facts.skipped === 'cancelled' && state.outcome === 'skipped') {
      return { reason: 'cancelled-before-pivot', step };
    }
    if (isFailing(state)) {
      const retried = retryAtMs(graph, states, state, limits) !== undefined;
      if (!retried) return { reason: 'failed-after-pivot', step };
      open = true;
    } else if (state.outcome === undefined && (state.begun || state.input !== 'without')) {
      open = true;
    }
  }
  return open ? 'under-way' : 'completed';
}
