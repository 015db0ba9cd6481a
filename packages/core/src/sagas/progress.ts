import type { Dependency, SagaRef } from './graph/saga-graph.ts';
import type { DoomCause, InputFault, SagaEvent, SkipReason, StuckReason } from './saga-event.ts';

/**
 * How far one saga has come: the facts that were accepted and the decisions that were taken. Plain data; whatever
 * follows from it (which step may run, what has to be undone) is computed from it, never stored.
 *
 * The facts of a step only grow and do not depend on the order in which they came (I4). Doom is for good.
 */
export interface Progress {
  readonly saga: SagaRef;
  readonly sagaId: string;
  /** `awaited`: outcomes came before the start event. */
  readonly phase: 'awaited' | 'running' | 'completed' | 'compensated';
  /** When the phase began: the append time of the start event, of the first early outcome, or of what ended it. */
  readonly sinceMs: number;
  readonly startEventId?: string | undefined;
  readonly startedAtMs?: number | undefined;
  readonly deadlineMs?: number | undefined;
  readonly deadlinePassed?: true | undefined;
  /** The start event triggered nobody by itself. */
  readonly unstamped?: true | undefined;
  readonly doom?: { readonly cause: DoomCause; readonly step?: string | undefined } | undefined;
  readonly stuck?: { readonly reason: StuckReason; readonly step?: string | undefined } | undefined;
  /** An input of it is a dead letter, so that nobody knows what it would have come to without that: for good. */
  readonly lostInput?: InputFault | undefined;
  /** A success came after the end. */
  readonly lateSuccess?: string | undefined;
  /** Only steps of which something is known. */
  readonly steps: Steps;
  /** While it is `awaited`: what came early of other definitions. Its start says which one counts. */
  readonly otherDefinitions?: Readonly<Record<string, Steps>> | undefined;
  readonly deviations: number;
}

type Steps = Readonly<Record<string, StepProgress>>;

export interface StepProgress {
  /** Ids of its success events, sorted. More than one: it ran twice. */
  readonly successes?: readonly string[] | undefined;
  /** Append time of its earliest success or rejection: what it triggers is due from then. */
  readonly resolvedAtMs?: number | undefined;
  /** Id of its rejection event. Of several, the least. */
  readonly rejection?: string | undefined;
  readonly failure?: StepFailure | undefined;
  readonly timedOutAtMs?: number | undefined;
  readonly skipped?: SkipReason | undefined;
  /** How often the coordinator asked for it, and when it did last. */
  readonly requests?: number | undefined;
  readonly requestedAtMs?: number | undefined;
  readonly cancelRequests?: number | undefined;
  /** By what is undone: the id of a success, or `doubt`. */
  readonly undoings?: Readonly<Record<string, Undoing>> | undefined;
}

export interface StepFailure {
  /** Ids of its failure events, sorted. Asked again, a step may fail again. */
  readonly eventIds: readonly string[];
  /** One of them was in doubt: that a later attempt surely did nothing says nothing of the earlier one. */
  readonly inDoubt: boolean;
  /** Of the last one; of several at one time, the greatest. */
  readonly code: string;
  readonly atMs: number;
  /** It was asked for again since. */
  readonly superseded?: true | undefined;
}

export interface Undoing {
  readonly requests: number;
  readonly requestedAtMs?: number | undefined;
  readonly state: 'requested' | 'compensated' | 'failed' | 'timed-out';
}

/** The facts and decisions of one saga, folded. Undefined: there is no such saga, or not any more. */
export function evolve(progress: Progress | undefined, event: SagaEvent): Progress | undefined {
  switch (event.type) {
    case 'saga-started':
      return {
        saga: event.saga,
        sagaId: event.sagaId,
        phase: 'running',
        sinceMs: event.atMs,
        startEventId: event.eventId,
        startedAtMs: event.atMs,
        deadlineMs: event.deadlineMs,
        ...(event.stamped ? {} : { unstamped: true }),
        // Outcomes that came early count if they are of this definition.
        steps: stepsBy(event.saga, progress),
        deviations: progress?.deviations ?? 0,
      };
    case 'saga-awaited': {
      const others = otherDefinitions(event.saga, progress);
      return {
        saga: event.saga,
        sagaId: event.sagaId,
        phase: 'awaited',
        sinceMs: Math.min(progress?.sinceMs ?? event.atMs, event.atMs),
        steps: stepsBy(event.saga, progress),
        ...(Object.keys(others).length > 0 ? { otherDefinitions: others } : {}),
        deviations: progress?.deviations ?? 0,
      };
    }
    case 'saga-forgotten':
      return undefined;
    default:
      return progress === undefined ? undefined : evolveKnown(progress, event);
  }
}

/** What is known of the steps of a saga, if it is one of that definition. */
function stepsBy(saga: SagaRef, progress: Progress | undefined): Steps {
  return (progress?.saga === saga ? progress.steps : progress?.otherDefinitions?.[saga]) ?? {};
}

/** What came of other definitions than that one, by their references. */
export function otherDefinitions(
  saga: SagaRef,
  progress: Progress | undefined,
): Readonly<Record<string, Steps>> {
  if (progress === undefined) return {};
  const all: Record<string, Steps> = {
    ...progress.otherDefinitions,
    [progress.saga]: progress.steps,
  };
  const others = Object.entries(all).filter(
    ([of, steps]) => of !== saga && Object.keys(steps).length > 0,
  );
  return Object.fromEntries(others);
}

type EventOfKnown = Exclude<
  SagaEvent,
  { readonly type: 'saga-started' | 'saga-awaited' | 'saga-forgotten' }
>;

function evolveKnown(progress: Progress, event: EventOfKnown): Progress {
  switch (event.type) {
    case 'saga-timed-out':
      return { ...progress, deadlinePassed: true };
    case 'saga-doomed':
      return { ...progress, doom: { cause: event.cause, step: event.step } };
    case 'saga-stuck':
      return withLostInput({ ...progress, stuck: { reason: event.reason, step: event.step } });
    case 'saga-resumed':
      return { ...progress, stuck: undefined };
    case 'saga-completed':
      return { ...progress, phase: 'completed', sinceMs: event.atMs, stuck: undefined };
    case 'saga-compensated':
      return { ...progress, phase: 'compensated', sinceMs: event.atMs, stuck: undefined };
    case 'deviation-seen':
      return { ...progress, deviations: progress.deviations + 1 };
    default: {
      const step = evolveStep(progress.steps[event.step] ?? {}, event);
      const late = event.type === 'step-succeeded' && isEnded(progress);
      return {
        ...progress,
        ...(late ? { phase: 'running', lateSuccess: event.step } : {}),
        steps: { ...progress.steps, [event.step]: step },
      };
    }
  }
}

/**
 * Being stuck with a lost input says that one was lost, for good. Progress that was written down before there was
 * `lostInput` does not have it by itself.
 */
export function withLostInput(progress: Progress): Progress {
  const lostInput = progress.stuck && lostInputOf(progress.stuck);
  return lostInput === undefined ? progress : { ...progress, lostInput };
}

/** No step is at fault: it is about an input. */
function lostInputOf({ reason, step }: NonNullable<Progress['stuck']>): InputFault | undefined {
  if (step !== undefined) return undefined;
  return reason === 'too-large' || reason === 'internal-fault' ? reason : undefined;
}

type StepEvent = Extract<
  EventOfKnown,
  { readonly type: `step-${string}` | `compensation-${string}` | 'cancel-requested' }
>;

export function evolveStep(step: StepProgress, event: StepEvent): StepProgress {
  switch (event.type) {
    case 'step-succeeded':
      return {
        ...step,
        successes: [...(step.successes ?? []), event.eventId].sort(),
        resolvedAtMs: Math.min(step.resolvedAtMs ?? event.atMs, event.atMs),
      };
    case 'step-rejected':
      return {
        ...step,
        rejection: least(step.rejection, event.eventId),
        resolvedAtMs: Math.min(step.resolvedAtMs ?? event.atMs, event.atMs),
      };
    case 'step-failed':
      return { ...step, failure: withFailure(step.failure, event) };
    case 'step-timed-out':
      return { ...step, timedOutAtMs: event.atMs };
    case 'step-skipped':
      // Whichever came first: that its condition did not hold says more.
      return { ...step, skipped: step.skipped === 'condition' ? 'condition' : event.reason };
    case 'step-requested':
      // Asked anew, it may still succeed: what is known of the attempts before holds no more.
      return {
        ...step,
        requests: event.requestNumber,
        requestedAtMs: event.atMs,
        timedOutAtMs: undefined,
        failure: step.failure && { ...step.failure, superseded: true },
      };
    case 'cancel-requested':
      return { ...step, cancelRequests: event.requestNumber };
    case 'compensation-requested':
      return withUndoing(step, event.undoes, {
        requests: event.requestNumber,
        requestedAtMs: event.atMs,
        state: 'requested',
      });
    case 'step-compensated':
      return withUndoing(step, event.undoes, { state: 'compensated' });
    case 'compensation-failed':
      return withUndoing(step, event.undoes, { state: 'failed' });
    case 'compensation-timed-out':
      return withUndoing(step, event.undoes, { state: 'timed-out' });
  }
}

function least(one: string | undefined, other: string): string {
  return one === undefined || other < one ? other : one;
}

function withFailure(
  before: StepFailure | undefined,
  { eventId, inDoubt, code, atMs }: Extract<StepEvent, { readonly type: 'step-failed' }>,
): StepFailure {
  if (before === undefined) return { eventIds: [eventId], inDoubt, code, atMs };
  const isLast = atMs > before.atMs || (atMs === before.atMs && code > before.code);
  const last = isLast ? { code, atMs } : before;
  return {
    eventIds: [...before.eventIds, eventId].sort(),
    inDoubt: before.inDoubt || inDoubt,
    code: last.code,
    atMs: last.atMs,
  };
}

function withUndoing(
  step: StepProgress,
  undoes: string,
  change: Partial<Undoing> & Pick<Undoing, 'state'>,
): StepProgress {
  const before = step.undoings?.[undoes] ?? { requests: 0 };
  return { ...step, undoings: { ...step.undoings, [undoes]: { ...before, ...change } } };
}

export function isEnded(progress: Progress): boolean {
  return progress.phase === 'completed' || progress.phase === 'compensated';
}

/** The id of the event that satisfies a dependency of a step; undefined: it did not come, as far as is known. */
export function eventIdOf(
  { startEventId, steps }: Progress,
  { step, outcome }: Pick<Dependency, 'step' | 'outcome'>,
): string | undefined {
  if (step === undefined) return startEventId;
  return outcome === 'succeeded' ? steps[step]?.successes?.[0] : steps[step]?.rejection;
}

/** A step of it is in doubt. What it would be undone with is needed as long as the saga is remembered. */
export function mayStillSucceed({ steps }: Progress): boolean {
  return Object.values(steps).some(
    ({ timedOutAtMs, failure }) => timedOutAtMs !== undefined || failure?.inDoubt === true,
  );
}
