import { hash } from 'node:crypto';

/** In place of a success's id where a step is undone that may or may not have happened. */
export const inDoubt = 'doubt';

/** What is done to a step. An undoing always says what it undoes: the id of a success, or `inDoubt`. */
export type StepAction =
  | { readonly action: 'execute' }
  | { readonly action: 'compensate'; readonly undoes: string };

/** What happens at most once: one execution of a step, or one undoing of one of its successes. */
export type Effect = StepAction & {
  readonly sagaName: string;
  readonly correlationId: string;
  readonly step: string;
};

/** Within one saga a step runs once. One that repeats would count here. */
const iteration = 0;

/**
 * The identity of an effect: the inbox's key. The same for a trigger event and a `StepRequested` of one step, whatever
 * process, attempt or definition version runs it. The correlation id comes last because it may hold any character.
 */
export function effectId(effect: Effect): string {
  const { sagaName, correlationId, step } = effect;
  const act = effect.action === 'execute' ? 'execute' : `compensate:${effect.undoes}`;
  return `${sagaName}/${step}/${act}/${iteration}/${correlationId}`;
}

/** What an outcome says of its effect, for good. */
export type OutcomeKind = 'succeeded' | 'rejected' | 'skipped' | 'compensated';

/**
 * The `ce_id` of an outcome: a function of its effect and its kind, so that every consumer can drop a second one.
 * 32 hex digits.
 */
export function outcomeId(effect: string, kind: OutcomeKind): string {
  return digest(`${kind} ${effect}`);
}

/**
 * The `ce_id` of a `StepFailed`. A failure is not for good: asked again, the step may fail again, and that is another
 * event. `triggerId` is the `ce_id` of what asked. 32 hex digits.
 */
export function failureId(effect: string, triggerId: string): string {
  return digest(`failed ${triggerId} ${effect}`);
}

/** The `ce_id` of a request: asking again is a new event. 32 hex digits. */
export function requestId(effect: string, action: string, requestNumber: number): string {
  return digest(`${action} ${requestNumber} ${effect}`);
}

/** The `ce_id` of the nth event, from 1, that a plain consumer publishes while it handles one. 32 hex digits. */
export function publicationId(effect: string, n: number): string {
  return digest(`published ${n} ${effect}`);
}

function digest(text: string): string {
  return hash('sha1', text, 'hex').slice(0, 32);
}
