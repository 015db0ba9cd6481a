import { graphRelations } from '../graph/graph-relations.ts';
import type { SagaGraph } from '../graph/saga-graph.ts';
import type { SagaDecision } from '../saga-event.ts';
import type { SagaLimits } from '../saga-limits.ts';
import { pivotSucceeded, type StepState, type StepStates } from './step-state.ts';

/** Steps that may run now and that no single event triggers (rules 3 and 4). */
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
 * When a step that failed is to be asked for again; undefined when it is not. After the pivot there is no way back,
 * so failing is no outcome there: it is tried again at growing intervals, and then not any more (rule 9).
 */
export function retryAtMs(
  graph: SagaGraph,
  states: StepStates,
  state: StepState,
  limits: SagaLimits,
): number | undefined {
  if (!isFailing(state) || !pivotSucceeded(graph, states)) return undefined;
  // What it is to be asked with has to be known; it is on its way where the step failed already.
  if (state.input !== 'ready') return undefined;
  // The pivot cannot have succeeded while what led to it failed: that is for an operator to find out.
  if (!graphRelations(graph).requestable.has(state.node.name)) return undefined;
  const { failure, timedOutAtMs, requests = 0 } = state.facts;
  const retries = state.direct ? requests : Math.max(0, requests - 1);
  if (retries >= limits.retriesMax) return undefined;
  const failedAtMs = Math.max(failure?.atMs ?? 0, timedOutAtMs ?? 0);
  return failedAtMs + Math.min(limits.retryDelayMs * 2 ** retries, limits.retryDelayMsMax);
}

export function isFailing({ outcome }: StepState): boolean {
  return outcome === 'failed' || outcome === 'timed-out';
}
