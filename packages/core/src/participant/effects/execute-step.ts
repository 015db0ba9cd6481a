import type { Event } from '../../events/event.ts';
import type { InboxRow } from '../../ports/inbox.ts';
import { StepRequested } from '../../wire/internal-events.ts';
import { Interrupted } from '../intake/tenure.ts';
import type { Participant } from '../participant.ts';
import type { Attempt } from './attempt.ts';
import { failAfterAttempts, failUntried, repeatFailure } from './fail-step.ts';
import { findRow, isFinal } from './inbox-rows.ts';
import { throughOutages } from './outage.ts';
import { runEffect } from './run-effect.ts';
import { sendOutcome } from './send-outcome.ts';
import { StepCall, stepFields } from './step-call.ts';
import { decodeInput, inputOfTrigger, payloadOf } from './step-input.ts';
import { effectOf, type StepAction, type StepJob } from './step-job.ts';
import { executedRow, skippedRow } from './step-outcome.ts';

const execute: StepAction = { action: 'execute' };
/** What a handler's call gives when the step's `when` said no. */
const notWanted = Symbol('not wanted');

/**
 * Runs a step because of an event that triggers it (`trigger`) or because the coordinator asks for it (`request`), and
 * sends its outcome. A step that has an outcome already is not run: that outcome is sent again.
 */
export async function executeStep(
  parts: Participant,
  job: StepJob,
  by: 'trigger' | 'request',
): Promise<void> {
  const { checkpoint } = parts;
  const id = effectOf(job, execute);
  const found = findRow(parts, job.tenure, id);
  const row = found instanceof Promise ? await found : found;
  if (checkpoint !== undefined) await checkpoint('inbox-read');
  if (row !== undefined && isFinal(row)) return sendOutcome(parts, job, row);
  if (row !== undefined && (await repeatFailure(parts, job, row))) return;

  let input: unknown;
  try {
    const decoded = throughOutages(parts, job.tenure, () =>
      by === 'trigger' ? inputOfTrigger(parts, job) : inputOfRequest(parts, job),
    );
    input = decoded instanceof Promise ? await decoded : decoded;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return failUntried(parts, job, execute, error);
  }
  if (checkpoint !== undefined) await checkpoint('decoded');
  return runStep(parts, job, id, input);
}

async function runStep(
  parts: Participant,
  job: StepJob,
  id: string,
  input: unknown,
): Promise<void> {
  const { step, trace, tenure } = job;
  const settle = (event: unknown, attempt: number): InboxRow =>
    event === notWanted
      ? skippedRow(parts, job, 'condition')
      : executedRow(parts, job, event, attempt);
  const call = (attempt: Attempt): Promise<Event> | typeof notWanted => {
    if (step.when !== undefined && !step.when(input)) return notWanted;
    const ctx = new StepCall(parts, job, id, attempt, (event) => settle(event, attempt.number));
    return step.execute(input, ctx);
  };
  const work = {
    id,
    action: 'execute',
    subject: step.name,
    retry: step.retry,
    fields: () => stepFields(job),
    call,
    settle,
  } as const;
  const ended = await runEffect<unknown>(parts, work, trace, tenure);
  if (ended.kind === 'failed') return failAfterAttempts(parts, job, execute, ended);
  if (parts.checkpoint !== undefined) await parts.checkpoint('outcome-recorded');
  return sendOutcome(parts, job, ended.row);
}

async function inputOfRequest(parts: Participant, job: StepJob): Promise<unknown> {
  const request = await parts.serde.decode(payloadOf(job), StepRequested);
  return decodeInput(parts, job, request.inputs);
}
