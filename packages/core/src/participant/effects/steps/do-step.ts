import type { InboxRow } from '../../../ports/inbox.ts';
import type { LogFields } from '../../../ports/logger.ts';
import type { StepAction } from '../../../sagas/effect-id.ts';
import type { StepContext } from '../../handler-context.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { throughOutages } from '../../waiting/outage.ts';
import { Interrupted } from '../../waiting/tenure.ts';
import type { Attempt } from '../attempts/attempt.ts';
import { runEffect } from '../attempts/run-effect.ts';
import { findRow, isFinal } from '../inbox/inbox-rows.ts';
import {
  failAfterAttempts,
  failUntried,
  mayHaveHappenedBefore,
  repeatFailure,
} from './fail-step.ts';
import { sendOutcome } from './send-outcome.ts';
import { StepCall, stepFields } from './step-call.ts';
import { effectOf, type StepJob } from './step-job.ts';

/** What executing a step and undoing it do not have in common. */
export interface StepWork<Input> {
  /** What the record says. Throws when it cannot be decoded. */
  readonly readInput: () => Input | Promise<Input>;
  /** The user's handler. */
  readonly call: (input: Input, ctx: StepContext) => unknown;
  /** The row of what the handler returned. Throws when it is not what was promised. */
  readonly settle: (returned: unknown, attempt: number) => InboxRow;
}

/**
 * Does a step, or undoes it, effectively once (I2), however often a record asks for it and wherever a process is killed.
 *
 * Invariants
 * 1. Nothing is run past a final row: what it holds is sent again.
 * 2. Nothing is sent before its row is there: whoever is killed between the two leaves the row, which is then sent.
 * 3. A dead letter goes with its failure: when its record comes again, both are sent again, and nothing is run.
 * 4. What was in doubt stays in doubt, whoever attempts it next, until it is done (ADR 15).
 */
export async function doStep<Input>(
  parts: ServiceParts,
  job: StepJob,
  act: StepAction,
  work: StepWork<Input>,
): Promise<void> {
  const { checkpoint } = parts;
  const { step, trace, tenure } = job;
  const id = effectOf(job, act);
  const found = findRow(parts, tenure, id);
  const row = found instanceof Promise ? await found : found;
  if (checkpoint !== undefined) await checkpoint('inbox-read');
  if (row !== undefined && isFinal(row)) return sendOutcome(parts, job, row); // invariant 1
  if (row !== undefined && (await repeatFailure(parts, job, row))) return; // invariant 3
  const mayHaveHappened = row !== undefined && (await mayHaveHappenedBefore(parts, job, row)); // invariant 4

  let input: Input;
  try {
    const read = throughOutages(parts, tenure, work.readInput);
    input = read instanceof Promise ? await read : read;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return failUntried(parts, job, act, error, mayHaveHappened);
  }
  if (checkpoint !== undefined) await checkpoint('decoded');

  const { settle } = work;
  const call = (attempt: Attempt): unknown => {
    const ctx = new StepCall(parts, job, id, attempt, (event) => settle(event, attempt.number));
    return work.call(input, ctx);
  };
  const { action } = act;
  const { name: subject, retry } = step;
  const fields = (): LogFields => stepFields(job);
  const effect = { id, action, subject, retry, mayHaveHappened, fields, call, settle };
  const ended = await runEffect<unknown>(parts, effect, trace, tenure);
  if (ended.kind === 'failed') return failAfterAttempts(parts, job, act, ended);
  if (checkpoint !== undefined) await checkpoint('outcome-recorded');
  return sendOutcome(parts, job, ended.row); // invariant 2
}
