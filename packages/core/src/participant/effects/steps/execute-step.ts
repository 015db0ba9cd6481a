import type { StepAction } from '../../../sagas/effect-id.ts';
import { StepRequested } from '../../../wire/internal-events.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { payloadOf } from '../record-work.ts';
import { doStep } from './do-step.ts';
import { executedRow, skippedRow } from './outcome-rows.ts';
import { decodeInput, inputOfTrigger } from './step-input.ts';
import type { StepJob } from './step-job.ts';

const execute: StepAction = { action: 'execute' };
/** What a handler's call gives when the step's `when` said no. */
const notWanted = Symbol('not wanted');

/**
 * Runs a step because of an event that triggers it (`trigger`) or because the coordinator asks for it (`request`), and
 * sends its outcome. A step that has an outcome already is not run: that outcome is sent again.
 */
export function executeStep(
  parts: ServiceParts,
  job: StepJob,
  by: 'trigger' | 'request',
): Promise<void> {
  const { step } = job;
  return doStep(parts, job, execute, {
    readInput: () => (by === 'trigger' ? inputOfTrigger(parts, job) : inputOfRequest(parts, job)),
    call: (input, ctx) =>
      step.when !== undefined && !step.when(input) ? notWanted : step.execute(input, ctx),
    settle: (returned, attempt) =>
      returned === notWanted
        ? skippedRow(parts, job, 'condition')
        : executedRow(parts, job, returned, attempt),
  });
}

async function inputOfRequest(parts: ServiceParts, job: StepJob): Promise<unknown> {
  const request = await parts.serde.decode(payloadOf(job), StepRequested);
  return decodeInput(parts, job, request.inputs);
}
