import { graphRelations } from '../graph/graph-relations.ts';
import type { SagaGraph } from '../graph/saga-graph.ts';
import type { Progress } from '../progress.ts';
import type { StuckReason } from '../saga-event.ts';
import type { SagaLimits } from '../saga-limits.ts';
import { isContradictory, isUndoneInPart } from './contradiction.ts';
import { isDoomed } from './doom.ts';
import { isFailing, retryAtMs } from './forward.ts';
import { pivotState, pivotSucceeded, type StepState, type StepStates } from './step-state.ts';
import { isAwaited, isDriven } from './time.ts';
import { isQuiet, mayHaveHappened } from './undo.ts';

export interface Stuck {
  readonly reason: StuckReason;
  readonly step?: string | undefined;
}

export type Standing = 'completed' | 'compensated' | 'under-way' | Stuck;

/** Where a saga stands: ended, stuck, or on its way. Every saga that nothing drives on is stuck, and says why (I1). */
export function standing(
  graph: SagaGraph,
  progress: Progress,
  states: StepStates,
  limits: SagaLimits,
): Standing {
  const found = isDoomed(graph, progress, states)
    ? standingOfDoomed(graph, states, limits)
    : standingOfForward(graph, states, limits);
  if (found !== 'under-way') return found;
  const { stuck, lostInput } = progress;
  if (stuck !== undefined && isUnsentRequest(stuck, states, limits)) return stuck;
  return lostInput === undefined ? found : { reason: lostInput };
}

function standingOfDoomed(graph: SagaGraph, states: StepStates, limits: SagaLimits): Standing {
  const pivot = pivotState(graph, states);
  if (pivot !== undefined && mayHaveHappened(pivot)) {
    return isFailing(pivot) ? { reason: 'pivot-in-doubt', step: pivot.node.name } : 'under-way';
  }
  let unsettled: StepState | undefined;
  let driven = false;
  for (const state of states.values()) {
    const reason = stuckUndoing(state);
    if (reason !== undefined) return { reason, step: state.node.name };
    if (!isQuiet(state)) unsettled ??= state;
    driven ||= isDriven(graph, states, state, limits);
  }
  if (unsettled === undefined) return 'compensated';
  return driven ? 'under-way' : { reason: 'step-in-doubt', step: unsettled.node.name };
}

function stuckUndoing({ toUndo, facts, outcome, mayStillRun }: StepState): StuckReason | undefined {
  for (const undoes of toUndo) {
    const undoing = facts.undoings?.[undoes];
    // Nobody asked for it yet, whatever somebody says of it.
    if (undoing === undefined || undoing.requests === 0) continue;
    if (undoing.state === 'failed') return 'compensation-failed';
    if (undoing.state === 'timed-out') return 'compensation-timed-out';
  }
  return outcome === 'timed-out' && mayStillRun && toUndo.length === 0
    ? 'step-in-doubt'
    : undefined;
}

function standingOfForward(graph: SagaGraph, states: StepStates, limits: SagaLimits): Standing {
  let unresolved: StepState | undefined;
  let driven = false;
  for (const state of states.values()) {
    const reason = stuckForward(graph, states, state, limits);
    if (reason !== undefined) return { reason, step: state.node.name };
    if (isUnresolved(state)) unresolved ??= state;
    driven ||= isDriven(graph, states, state, limits);
  }
  if (unresolved === undefined) return 'completed';
  return driven ? 'under-way' : { reason: 'step-in-doubt', step: unresolved.node.name };
}

function isUnresolved(state: StepState): boolean {
  if (state.outcome === undefined) return state.begun || state.input !== 'without';
  return isFailing(state);
}

/** In a saga that is not doomed, or was saved by its pivot: what can neither be undone nor be left as it is. */
function stuckForward(
  graph: SagaGraph,
  states: StepStates,
  state: StepState,
  limits: SagaLimits,
): StuckReason | undefined {
  const { facts, outcome, node, input } = state;
  if (isContradictory(facts) || isUndoneInPart(facts)) return 'contradictory-outcomes';
  if (outcome === 'skipped' && facts.skipped === 'cancelled') return 'cancelled-before-pivot';
  if (!pivotSucceeded(graph, states)) return undefined;
  const isBranch = graphRelations(graph).handledRejections.has(node.name);
  if (outcome === 'rejected' && !isBranch) return 'rejected-beside-pivot';
  const isGivenUp = isFailing(state) && input !== 'waiting';
  return isGivenUp && retryAtMs(graph, states, state, limits) === undefined
    ? 'failed-after-pivot'
    : undefined;
}

/** The coordinator could not make a request: the saga is stuck with that until the step is heard of, or timed out. */
function isUnsentRequest({ reason, step }: Stuck, states: StepStates, limits: SagaLimits): boolean {
  if (step === undefined || (reason !== 'too-large' && reason !== 'payload-missing')) return false;
  const state = states.get(step);
  return state !== undefined && isAwaited(state, limits);
}
