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

/** Known already: a duplicate changes nothing (I4). */
export function isKnown(step: StepProgress, input: OutcomeInput): boolean {
  switch (input.kind) {
    case 'succeeded':
      return step.successes?.includes(input.eventId) ?? false;
    case 'rejected':
      return step.rejection !== undefined;
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
