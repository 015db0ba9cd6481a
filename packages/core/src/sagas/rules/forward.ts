import { graphRelations } from '../graph.ts';
import type { SagaDecision } from '../saga-event.ts';
import type { SagaGraph } from '../saga-graph.ts';
import type { SagaLimits } from '../saga-limits.ts';
import { pivotSucceeded, type StepState, type StepStates } from './step-state.ts';

/** Steps that may run now and that no single event triggers. */
export function requestsOfReadySteps(states: StepStates): SagaDecision[] {
  const decisions: SagaDecision[] = [];
  for (const [step, { input, direct, facts, outcome }] of states) {
    if (input !== 'ready' || direct) continue;
    if (facts.requests !== undefined || outcome !== undefined) continue;
    decisions.push({ type: 'step-requested', step, requestNumber: 1 });
  }
  return decisions;
}

/**
 * When a step that failed after the pivot is to be asked for again; undefined when it is not. There is no way back
 * after the pivot, so failing is no outcome there.
 */
export function retryAtMs(
  graph: SagaGraph,
  states: StepStates,
  state: StepState,
  limits: SagaLimits,
): number | undefined {
  if (!isFailing(state) || !pivotSucceeded(graph, states)) return undefined;
  if (state.node.pivot || graphRelations(graph).pivot === undefined) return undefined;
  const { failure, timedOutAtMs, requests = 0 } = state.facts;
  if (requests >= limits.retriesMax) return undefined;
  const failedAtMs = Math.max(failure?.atMs ?? 0, timedOutAtMs ?? 0);
  return failedAtMs + Math.min(limits.retryDelayMs * 2 ** requests, limits.retryDelayMsMax);
}

export function isFailing({ outcome }: StepState): boolean {
  return outcome === 'failed' || outcome === 'timed-out';
}
