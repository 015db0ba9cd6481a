import { PoisonMessageError } from '../../../errors/error-kinds.ts';
import type { InboxRow, StoredOutcome } from '../../../ports/inbox.ts';
import type { StepAction } from '../../../sagas/effect-id.ts';
import { headerNames } from '../../../wire/header-names.ts';
import { StepFailed } from '../../../wire/internal-events.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { throughOutages } from '../../waiting/outage.ts';
import { Interrupted } from '../../waiting/tenure.ts';
import type { EndedEffect } from '../attempts/run-effect.ts';
import { errorCode, errorText } from '../error-text.ts';
import { isFinal, recordRow } from '../inbox/inbox-rows.ts';
import { sendDeadLetter } from '../send-dead-letter.ts';
import { failedRow } from './outcome-rows.ts';
import { sendFailure, sendOutcome } from './send-outcome.ts';
import { effectOf, type StepJob } from './step-job.ts';

/** The attempts at a step are over, without success. */
export function failAfterAttempts(
  parts: ServiceParts,
  job: StepJob,
  act: StepAction,
  { error, attempts, mayHaveHappened }: Extract<EndedEffect, { kind: 'failed' }>,
): Promise<void> {
  return fail(parts, job, act, error, attempts, mayHaveHappened);
}

/**
 * No handler was called: what it is given cannot be read, or this version of the service does not implement it. Only where
 * nobody can read it is there no doubt: otherwise an instance before this one may have been killed after its effect
 * outside of the database and before its inbox row (ADR 15), or have left a row that says so.
 */
export function failUntried(
  parts: ServiceParts,
  job: StepJob,
  act: StepAction,
  error: unknown,
  mayHaveHappened = false,
): Promise<void> {
  const inDoubt = mayHaveHappened || !(error instanceof PoisonMessageError);
  return fail(parts, job, act, error, 0, inDoubt);
}

/**
 * A request to undo a step cannot be read, or not be run by this version. One that only cancels the step is kept as a dead
 * letter, and that is all: the step's own time limit tells the saga, which then asks to undo it in doubt. An answer would
 * say of a compensation that it failed before anybody asked for it.
 */
export function failUnreadUndoing(
  parts: ServiceParts,
  job: StepJob,
  error: unknown,
): Promise<void> {
  const { undoes } = job.headers;
  return undoes === undefined
    ? sendDeadLetter(parts, job, error, 0)
    : failUntried(parts, job, { action: 'compensate', undoes }, error);
}

/** Records the failure, tells the saga, and keeps the record as a dead letter. */
async function fail(
  parts: ServiceParts,
  job: StepJob,
  act: StepAction,
  error: unknown,
  attempts: number,
  inDoubt: boolean,
): Promise<void> {
  const { step, headers, saga, tenure, trace } = job;
  const code = errorCode(error);
  const message = errorText(error, parts.limits.errorTextLengthMax);
  trace.fail(error);
  parts.logger.error(`${act.action} ${step.name} failed for good`, {
    saga,
    sagaId: headers.correlationId,
    step: step.name,
    attempts,
    inDoubt,
    code,
    error,
  });
  if (parts.checkpoint !== undefined) await parts.checkpoint('failed');
  const failure = { code, message, attempts, inDoubt };
  const failed = failedRow(parts, job, act, failure);
  const row = await recordRow(parts, tenure, effectOf(job, act), failed);
  if (parts.checkpoint !== undefined) await parts.checkpoint('outcome-recorded');
  // An attempt that was left to itself may have succeeded after all.
  if (isFinal(row)) await sendOutcome(parts, job, row);
  else await sendFailure(parts, job, row, failure);
}

/**
 * The same record comes again after its step failed: its failure and its dead letter are sent again, because nobody knows
 * whether they were. False when something else asks: then the step is run again.
 */
export async function repeatFailure(
  parts: ServiceParts,
  job: StepJob,
  row: InboxRow,
): Promise<boolean> {
  const { outcome } = row;
  if (outcome === undefined || outcome.headers[headerNames.causationId] !== job.headers.id) {
    return false;
  }
  const failure = await readFailure(parts, job, outcome);
  if (failure === undefined) return false;
  await sendFailure(parts, job, row, failure);
  return true;
}

/** Whether an attempt before may have done something, as the row that it left says: one that is not final. */
export async function mayHaveHappenedBefore(
  parts: ServiceParts,
  job: StepJob,
  { outcome }: InboxRow,
): Promise<boolean> {
  if (outcome === undefined) return true; // it was to be attempted again
  return (await readFailure(parts, job, outcome))?.inDoubt ?? true;
}

/** Undefined: nobody can read it any more, as when the registry was made anew. The step is then run again, in doubt. */
async function readFailure(
  parts: ServiceParts,
  { tenure, step, saga }: StepJob,
  { value }: StoredOutcome,
): Promise<StepFailed | undefined> {
  try {
    return await throughOutages(parts, tenure, () => parts.serde.decode(value, StepFailed));
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    parts.logger.warn('a failure in the inbox cannot be read', { saga, step: step.name, error });
    return undefined;
  }
}
