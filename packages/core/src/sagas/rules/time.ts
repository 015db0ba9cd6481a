import type { SagaGraph } from '../graph/saga-graph.ts';
import { isEnded, type Progress } from '../progress.ts';
import type { SagaDecision, SagaFact } from '../saga-event.ts';
import type { SagaLimits } from '../saga-limits.ts';
import { retryAtMs } from './forward.ts';
import { type StepState, type StepStates, stepStates } from './step-state.ts';

/** One time limit of a saga, and what is true once it has passed. */
interface Timer {
  readonly atMs: number;
  readonly event: SagaFact | SagaDecision;
}

/** Time limits that have passed by `untilMs`, the earliest first. What one brings about may bring others. */
export function passedTimers(
  graph: SagaGraph,
  progress: Progress,
  untilMs: number,
  limits: SagaLimits,
): readonly (SagaFact | SagaDecision)[] {
  return timers(graph, progress, limits)
    .filter(({ atMs }) => atMs <= untilMs)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ event }) => event);
}

/** When this saga next needs to hear that time has passed; undefined: never. */
export function nextTimerAtMs(
  graph: SagaGraph,
  progress: Progress,
  limits: SagaLimits,
): number | undefined {
  let next: number | undefined;
  for (const { atMs } of timers(graph, progress, limits)) {
    if (next === undefined || atMs < next) next = atMs;
  }
  return next;
}

function timers(graph: SagaGraph, progress: Progress, limits: SagaLimits): Timer[] {
  if (isEnded(progress)) {
    const atMs = progress.sinceMs + limits.endedRetentionMs;
    return [{ atMs, event: { type: 'saga-forgotten', reason: 'ended' } }];
  }
  if (progress.phase === 'awaited') {
    const atMs = progress.sinceMs + limits.earlyRetentionMs;
    return [{ atMs, event: { type: 'saga-forgotten', reason: 'never-started' } }];
  }
  if (progress.lateSuccess !== undefined) return [];
  const found: Timer[] = [];
  if (progress.deadlineMs !== undefined && progress.deadlinePassed === undefined) {
    found.push({ atMs: progress.deadlineMs, event: { type: 'saga-timed-out' } });
  }
  const states = stepStates(graph, progress);
  for (const state of states.values()) stepTimers(graph, states, state, limits, found);
  return found;
}

function stepTimers(
  graph: SagaGraph,
  states: StepStates,
  state: StepState,
  limits: SagaLimits,
  found: Timer[],
): void {
  const { node, facts } = state;
  const step = node.name;
  const timeoutAtMs = outcomeDueMs(state);
  if (timeoutAtMs !== undefined) {
    found.push({ atMs: timeoutAtMs, event: { type: 'step-timed-out', step } });
  }
  const atMs = retryAtMs(graph, states, state, limits);
  if (atMs !== undefined) {
    const requestNumber = (facts.requests ?? 0) + 1;
    found.push({ atMs, event: { type: 'step-requested', step, requestNumber } });
  }
  for (const undoes of state.toUndo) {
    const dueMs = undoingDueMs(state, undoes, limits);
    if (dueMs === undefined) continue;
    found.push({ atMs: dueMs, event: { type: 'compensation-timed-out', step, undoes } });
  }
}

/** Time alone takes this step further: one of its timers is set. */
export function isDriven(
  graph: SagaGraph,
  states: StepStates,
  state: StepState,
  limits: SagaLimits,
): boolean {
  return isAwaited(state, limits) || retryAtMs(graph, states, state, limits) !== undefined;
}

/** Something is awaited of this step, and not for ever. */
export function isAwaited(state: StepState, limits: SagaLimits): boolean {
  if (outcomeDueMs(state) !== undefined) return true;
  return state.toUndo.some((undoes) => undoingDueMs(state, undoes, limits) !== undefined);
}

function outcomeDueMs({ node, outcome, triggeredAtMs }: StepState): number | undefined {
  if (outcome !== undefined || triggeredAtMs === undefined) return undefined;
  return triggeredAtMs + node.timeoutMs;
}

function undoingDueMs(
  { facts }: StepState,
  undoes: string,
  limits: SagaLimits,
): number | undefined {
  const undoing = facts.undoings?.[undoes];
  if (undoing?.state !== 'requested' || undoing.requestedAtMs === undefined) return undefined;
  return undoing.requestedAtMs + limits.compensationTimeoutMs;
}
