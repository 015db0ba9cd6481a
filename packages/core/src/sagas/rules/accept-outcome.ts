import { inDoubt } from '../effect-id.ts';
import { evolveStep, isEnded, type Progress, type StepProgress } from '../progress.ts';
import type { SagaFact } from '../saga-event.ts';
import type { OutcomeInput } from '../saga-input.ts';
import type { SagaLimits } from '../saga-limits.ts';
import { isContradictory } from './contradiction.ts';
import { deviation, textOf } from './deviation.ts';
import { factOf, isKnown } from './outcome-fact.ts';

/** What an outcome of one of its steps tells a saga. `progress` is undefined where nothing is known of the saga yet. */
export function acceptOutcome(
  progress: Progress | undefined,
  input: OutcomeInput,
  limits: SagaLimits,
): readonly SagaFact[] {
  const step = progress?.steps[input.step] ?? {};
  if (isKnown(step, input)) return [];
  const excess = excessOf(step, input, limits);
  if (excess !== undefined) return [excess];
  return progress !== undefined && isEnded(progress)
    ? acceptLate(progress, step, input)
    : acceptTimely(step, input);
}

/** Anybody can make up an id, and each is kept: only so many are (I8). */
function excessOf(
  step: StepProgress,
  input: OutcomeInput,
  limits: SagaLimits,
): SagaFact | undefined {
  const { successes = [], failure, undoings = {} } = step;
  switch (input.kind) {
    case 'succeeded':
      if (successes.length < limits.successesMax) return undefined;
      return deviation('too-many-successes', textOf(input));
    case 'failed':
      if (failure === undefined || failure.eventIds.length < limits.failuresMax) return undefined;
      return deviation('too-many-failures', textOf(input));
    case 'compensated':
    case 'compensation-failed':
      // Every success may be undone, and the step once in doubt.
      if (undoings[input.undoes] || Object.keys(undoings).length <= limits.successesMax) {
        return undefined;
      }
      return deviation('unexpected-event', textOf(input));
    default:
      return undefined;
  }
}

/** Every outcome is a fact, whatever order they come in (rule 10). */
function acceptTimely(step: StepProgress, input: OutcomeInput): readonly SagaFact[] {
  const fact = factOf(input);
  switch (input.kind) {
    case 'failed':
      return [fact];
    case 'compensated':
    case 'compensation-failed':
      return step.undoings?.[input.undoes] === undefined
        ? [fact, deviation('unexpected-event', `nobody asked for ${textOf(input)}`)]
        : [fact];
    default:
      return isContradictory(evolveStep(step, { ...fact, atMs: input.atMs }))
        ? [fact, deviation('contradictory-outcomes', textOf(input))]
        : [fact];
  }
}

/**
 * The saga ended: nothing follows from the fact by itself any more, unless it is a success (rule 12). It is reported, save
 * for what comes of the saga's own requests.
 */
function acceptLate(
  progress: Progress,
  step: StepProgress,
  input: OutcomeInput,
): readonly SagaFact[] {
  const fact = factOf(input);
  return isAnswer(progress, step, input)
    ? [fact]
    : [fact, deviation('late-outcome', `after the end: ${textOf(input)}`)];
}

function isAnswer({ phase }: Progress, step: StepProgress, input: OutcomeInput): boolean {
  switch (input.kind) {
    case 'failed':
      // An attempt before the one that succeeded.
      return step.successes !== undefined && step.requests !== undefined;
    case 'skipped':
      // A step that was undone in doubt never runs any more, and its participant says so whenever it is triggered.
      return step.cancelRequests !== undefined || step.undoings?.[inDoubt] !== undefined;
    case 'compensated':
    case 'compensation-failed':
      return phase === 'compensated' && step.undoings?.[input.undoes] !== undefined;
    default:
      return false;
  }
}
