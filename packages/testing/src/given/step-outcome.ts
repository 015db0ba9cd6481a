/** A step, by what the language needs of it: where it is not one of the saga's, that is a type error. */
export interface StepNamed<out StepName extends string> {
  readonly name: StepName;
  readonly emits: unknown;
}

/** What happened to a step without a domain event that says so. */
export interface StepOutcome<out StepName extends string = string> {
  readonly step: { readonly name: StepName };
  readonly outcome:
    | 'failed'
    | 'failed-not-done'
    | 'timed-out'
    | 'skipped'
    | 'compensation-failed'
    | 'compensation-timed-out';
}

/** All attempts were used up: it may have happened. */
export function failed<const N extends string>(step: StepNamed<N>): StepOutcome<N> {
  return { step, outcome: 'failed' };
}

/** It failed, and its handler said that nothing happened (`NotDone`). */
export function failedNotDone<const N extends string>(step: StepNamed<N>): StepOutcome<N> {
  return { step, outcome: 'failed-not-done' };
}

/** Time passes to the step's limit. What else has a limit until then times out as well. */
export function timedOut<const N extends string>(step: StepNamed<N>): StepOutcome<N> {
  return { step, outcome: 'timed-out' };
}

/** Not run: because it was cancelled, if it was, or else because its condition did not hold. */
export function skipped<const N extends string>(step: StepNamed<N>): StepOutcome<N> {
  return { step, outcome: 'skipped' };
}

/** All attempts to undo the step were used up. */
export function compensationFailed<const N extends string>(step: StepNamed<N>): StepOutcome<N> {
  return { step, outcome: 'compensation-failed' };
}

/** Time passes to the limit for undoing the step. */
export function compensationTimedOut<const N extends string>(step: StepNamed<N>): StepOutcome<N> {
  return { step, outcome: 'compensation-timed-out' };
}
