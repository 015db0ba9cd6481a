import type { StepProgress } from '../progress.ts';
import type { SagaFact } from '../saga-event.ts';
import type { OutcomeInput } from '../saga-input.ts';

export type OutcomeFact = Extract<
  SagaFact,
  {
    readonly type:
      | 'step-succeeded'
      | 'step-rejected'
      | 'step-failed'
      | 'step-skipped'
      | 'step-compensated'
      | 'compensation-failed';
  }
>;

/** An outcome as what is known from then on. */
export function factOf(input: OutcomeInput): OutcomeFact {
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

/** Known already, or nothing beside what is: a duplicate changes nothing (I4). */
export function isKnown(step: StepProgress, input: OutcomeInput): boolean {
  switch (input.kind) {
    case 'succeeded':
      return step.successes?.includes(input.eventId) ?? false;
    case 'rejected':
      return isKnownRejection(step, input);
    case 'failed':
      return step.failure?.eventIds.includes(input.eventId) ?? false;
    case 'skipped':
      return step.skipped === 'condition' || step.skipped === input.reason;
    case 'compensated':
      return step.undoings?.[input.undoes]?.state === 'compensated';
    case 'compensation-failed': {
      const state = step.undoings?.[input.undoes]?.state;
      return state === 'failed' || state === 'compensated';
    }
  }
}

/** A step may be refused twice, by an id each. The least one and the earliest time are kept, whatever order they come in. */
function isKnownRejection(
  { rejection, resolvedAtMs = Number.POSITIVE_INFINITY }: StepProgress,
  { eventId, atMs }: OutcomeInput,
): boolean {
  return rejection !== undefined && rejection <= eventId && resolvedAtMs <= atMs;
}
