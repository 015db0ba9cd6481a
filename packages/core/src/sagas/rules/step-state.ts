import { inDoubt } from '../effect-id.ts';
import { graphRelations } from '../graph/graph-relations.ts';
import {
  type Dependency,
  type SagaGraph,
  type StepNode,
  soleDependency,
} from '../graph/saga-graph.ts';
import type { Progress, StepProgress } from '../progress.ts';

/**
 * The outcome of a step, its facts merged: succeeded > rejected > failed > skipped > timed-out (rule 10, ADR 9). A time-out
 * only says that nothing was heard, so the participant's word that it never ran the step, and never will, settles it.
 */
export type StepOutcome = 'succeeded' | 'rejected' | 'failed' | 'timed-out' | 'skipped';

/** Everything that the other rules ask of one step at one moment. */
export interface StepState {
  readonly node: StepNode;
  readonly facts: StepProgress;
  readonly outcome: StepOutcome | undefined;
  /**
   * `waiting` for dependencies; `ready`: they are satisfied, so it may run; `without`: they ended in a way that
   * it cannot run.
   */
  readonly input: 'waiting' | 'ready' | 'without';
  /** Triggered by the event itself, not by a request of the coordinator. */
  readonly direct: boolean;
  /** It may have run, or may be running: it was triggered, or something is known of it. */
  readonly begun: boolean;
  /** Begun, and nothing says that it ended. An attempt that outran its time limit counts as still running. */
  readonly mayStillRun: boolean;
  /** When its trigger was appended; undefined while none is known. */
  readonly triggeredAtMs: number | undefined;
  /** What has to be undone if the saga is: success ids, or `doubt`. Empty unless compensable. */
  readonly toUndo: readonly string[];
}

/** The states of all steps, in topological order. */
export type StepStates = ReadonlyMap<string, StepState>;

const nothingKnown: StepProgress = {};

export function stepStates(graph: SagaGraph, progress: Progress): StepStates {
  const states = new Map<string, StepState>();
  for (const node of graph.steps) states.set(node.name, stepState(node, progress, states));
  return states;
}

function stepState(node: StepNode, progress: Progress, upstream: StepStates): StepState {
  const facts = progress.steps[node.name] ?? nothingKnown;
  const input = inputState(node, upstream);
  const trigger = triggerOf(node, progress);
  const outcome = outcomeOf(facts);
  const triggeredAtMs =
    facts.requestedAtMs ?? (trigger && triggeringEventMs(trigger, progress, upstream));
  const begun =
    triggeredAtMs !== undefined || outcome !== undefined || facts.undoings !== undefined;
  return {
    node,
    facts,
    outcome,
    input,
    direct: trigger !== undefined,
    begun,
    mayStillRun: begun && mayStillRun(facts, outcome),
    triggeredAtMs,
    toUndo: toUndo(node, facts),
  };
}

/** The dependency whose event triggers the step by itself. A start event without a stamp triggered nobody. */
function triggerOf({ dependencies }: StepNode, { unstamped }: Progress): Dependency | undefined {
  const only = soleDependency(dependencies);
  return only?.step === undefined && unstamped === true ? undefined : only;
}

function inputState(node: StepNode, upstream: StepStates): StepState['input'] {
  let satisfied = 0;
  let missing = false;
  for (const dependency of node.dependencies) {
    const state = dependencyState(dependency, upstream);
    if (state === 'open') return 'waiting';
    if (state === 'satisfied') satisfied += 1;
    else if (dependency.required) missing = true;
  }
  return missing || satisfied === 0 ? 'without' : 'ready';
}

/** `missed`: resolved, but not as this dependency needs it. A failed step is open: it may be asked again. */
function dependencyState(
  dependency: Dependency,
  upstream: StepStates,
): 'open' | 'satisfied' | 'missed' {
  if (dependency.step === undefined) return 'satisfied';
  const step = upstream.get(dependency.step);
  if (step === undefined) return 'open';
  switch (step.outcome) {
    case 'succeeded':
    case 'rejected':
      return step.outcome === dependency.outcome ? 'satisfied' : 'missed';
    case 'skipped':
      return 'missed';
    case 'failed':
    case 'timed-out':
      return 'open';
    case undefined:
      return step.input === 'without' && !step.begun ? 'missed' : 'open';
  }
}

function outcomeOf(facts: StepProgress): StepOutcome | undefined {
  if (facts.successes !== undefined) return 'succeeded';
  if (facts.rejection !== undefined) return 'rejected';
  if (facts.failure !== undefined && facts.failure.superseded === undefined) return 'failed';
  if (facts.skipped !== undefined) return 'skipped';
  return facts.timedOutAtMs === undefined ? undefined : 'timed-out';
}

function mayStillRun(facts: StepProgress, outcome: StepOutcome | undefined): boolean {
  if (outcome === undefined) return true;
  // Its doubt is settled once the participant promised never to run it again, which undoing it implies.
  return outcome === 'timed-out' && facts.undoings?.[inDoubt]?.state !== 'compensated';
}

/**
 * When the event that triggers a step by itself was appended; undefined: it was not, as far as is known. It triggers the
 * step even where the upstream step has another outcome that outweighs this one.
 */
function triggeringEventMs(
  { step, outcome }: Dependency,
  progress: Progress,
  upstream: StepStates,
): number | undefined {
  if (step === undefined) return progress.startedAtMs;
  const facts = upstream.get(step)?.facts;
  const event = outcome === 'succeeded' ? facts?.successes : facts?.rejection;
  return event === undefined ? undefined : facts?.resolvedAtMs;
}

function toUndo(node: StepNode, facts: StepProgress): readonly string[] {
  if (node.compensates === undefined) return [];
  if (facts.successes !== undefined) return facts.successes;
  if (facts.rejection !== undefined) return [];
  if (facts.failure !== undefined) return facts.failure.inDoubt ? [inDoubt] : [];
  return facts.timedOutAtMs !== undefined && facts.skipped === undefined ? [inDoubt] : [];
}

export function isUndone(state: StepState): boolean {
  return state.toUndo.every((id) => state.facts.undoings?.[id]?.state === 'compensated');
}

/** Undefined: the saga has no pivot. */
export function pivotState(graph: SagaGraph, states: StepStates): StepState | undefined {
  const { pivot } = graphRelations(graph);
  return pivot && states.get(pivot.name);
}

/** After that there is no way back (rule 9). */
export function pivotSucceeded(graph: SagaGraph, states: StepStates): boolean {
  return pivotState(graph, states)?.outcome === 'succeeded';
}
