import { isEnded, type Progress, type StepProgress } from '../progress.ts';
import type { Deviation, SagaFact } from '../saga-event.ts';
import { type SagaGraph, sagaRef, stepNamed } from '../saga-graph.ts';
import type { OutcomeInput, SagaInput, StartInput } from '../saga-input.ts';
import type { SagaLimits } from '../saga-limits.ts';

/** The facts in what arrived: nothing when they are known already, a deviation when nobody expects them. */
export function accept(
  graph: SagaGraph,
  progress: Progress | undefined,
  input: Exclude<SagaInput, { readonly kind: 'time-passed' }>,
  limits: SagaLimits,
): readonly SagaFact[] {
  if (progress !== undefined && progress.deviations >= limits.deviationsMax) {
    return acceptKnown(graph, progress, input, limits).filter(
      ({ type }) => type !== 'deviation-seen',
    );
  }
  return acceptKnown(graph, progress, input, limits);
}

function acceptKnown(
  graph: SagaGraph,
  progress: Progress | undefined,
  input: Exclude<SagaInput, { readonly kind: 'time-passed' }>,
  limits: SagaLimits,
): readonly SagaFact[] {
  if (input.kind === 'started') return acceptStart(graph, progress, input);
  const awaited: SagaFact[] =
    progress === undefined
      ? [{ type: 'saga-awaited', saga: input.saga, sagaId: input.sagaId }]
      : [];
  if (progress !== undefined && progress.saga !== input.saga) {
    return [
      deviation('other-definition', `${input.eventId} names ${input.saga}, not ${progress.saga}`),
    ];
  }
  if (input.kind === 'unexpected') {
    return [...awaited, deviation('unexpected-event', `${input.type} (${input.eventId})`)];
  }
  if (stepNamed(graph, input.step) === undefined) {
    return [...awaited, deviation('unexpected-event', `no step ${input.step} (${input.eventId})`)];
  }
  const step = progress?.steps[input.step] ?? {};
  if (progress !== undefined && isEnded(progress)) return acceptLate(step, input);
  return [...awaited, ...acceptOutcome(step, input, limits)];
}

function acceptStart(
  graph: SagaGraph,
  progress: Progress | undefined,
  input: StartInput,
): readonly SagaFact[] {
  if (progress === undefined || (progress.phase === 'awaited' && progress.saga === input.saga)) {
    return [
      {
        type: 'saga-started',
        saga: sagaRef(graph),
        sagaId: input.sagaId,
        eventId: input.eventId,
        stamped: input.stamped,
        deadlineMs: input.atMs + graph.timeoutMs,
      },
    ];
  }
  if (progress.startEventId === input.eventId) return [];
  return [
    deviation('second-start', `${input.eventId}; begun by ${progress.startEventId ?? 'none'}`),
  ];
}

/** After the end only a success matters: something happened that nobody will undo by itself. */
function acceptLate(step: StepProgress, input: OutcomeInput): readonly SagaFact[] {
  if (input.kind === 'succeeded') {
    if (step.successes?.includes(input.eventId)) return [];
    return [
      deviation('late-outcome', `${input.step} succeeded after the end (${input.eventId})`),
      { type: 'step-succeeded', step: input.step, eventId: input.eventId },
    ];
  }
  if (isKnown(step, input)) return [];
  return [
    deviation('late-outcome', `${input.step} ${input.kind} after the end (${input.eventId})`),
  ];
}

function acceptOutcome(
  step: StepProgress,
  input: OutcomeInput,
  limits: SagaLimits,
): readonly SagaFact[] {
  if (isKnown(step, input)) return [];
  if (input.kind === 'succeeded' && (step.successes?.length ?? 0) >= limits.successesMax) {
    return [deviation('too-many-successes', `${input.step} (${input.eventId})`)];
  }
  const fact = factOf(input);
  return contradicts(step, input)
    ? [fact, deviation('contradictory-outcomes', `${input.step} ${input.kind} (${input.eventId})`)]
    : [fact];
}

function isKnown(step: StepProgress, input: OutcomeInput): boolean {
  switch (input.kind) {
    case 'succeeded':
      return step.successes?.includes(input.eventId) ?? false;
    case 'rejected':
      return step.rejection !== undefined;
    case 'failed':
      return step.failure?.eventId === input.eventId;
    case 'skipped':
      return step.skipped !== undefined;
    case 'compensated':
      return step.undoings?.[input.undoes]?.state === 'compensated';
    case 'compensation-failed': {
      const state = step.undoings?.[input.undoes]?.state;
      return state === 'failed' || state === 'compensated';
    }
  }
}

function contradicts(step: StepProgress, { kind }: OutcomeInput): boolean {
  const { successes, rejection, skipped } = step;
  if (kind === 'succeeded') {
    return successes !== undefined || rejection !== undefined || skipped === 'condition';
  }
  if (kind === 'rejected') return successes !== undefined || skipped === 'condition';
  return kind === 'skipped' && (successes !== undefined || rejection !== undefined);
}

function factOf(input: OutcomeInput): SagaFact {
  const { step, eventId } = input;
  switch (input.kind) {
    case 'succeeded':
      return { type: 'step-succeeded', step, eventId };
    case 'rejected':
      return { type: 'step-rejected', step, eventId };
    case 'failed': {
      const { inDoubt, code, message } = input;
      return { type: 'step-failed', step, eventId, inDoubt, code, message };
    }
    case 'skipped':
      return { type: 'step-skipped', step, reason: input.reason };
    case 'compensated':
      return { type: 'step-compensated', step, undoes: input.undoes };
    case 'compensation-failed': {
      const { undoes, code, message } = input;
      return { type: 'compensation-failed', step, undoes, code, message };
    }
  }
}

function deviation(kind: Deviation, detail: string): SagaFact {
  return { type: 'deviation-seen', deviation: kind, detail };
}
