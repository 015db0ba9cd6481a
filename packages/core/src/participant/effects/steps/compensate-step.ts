import type { Event } from '../../../events/event.ts';
import type { InboxRow } from '../../../ports/inbox.ts';
import { inDoubt, type StepAction } from '../../../sagas/effect-id.ts';
import { CompensationRequested } from '../../../wire/internal-events.ts';
import type { Done } from '../../implement.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { throughOutages } from '../../waiting/outage.ts';
import { Interrupted } from '../../waiting/tenure.ts';
import { findRow, isFinal, recordRow } from '../inbox/inbox-rows.ts';
import { payloadOf } from '../record-work.ts';
import { doStep } from './do-step.ts';
import { failUnreadUndoing } from './fail-step.ts';
import { cancelledInDoubtRow, compensatedRow, skippedRow } from './outcome-rows.ts';
import { sendOutcome } from './send-outcome.ts';
import { decodeEvent, decodeInput } from './step-input.ts';
import { effectOf, type StepJob } from './step-job.ts';

const execute: StepAction = { action: 'execute' };

/** Undoes a step, or makes sure that it never runs, because the coordinator asks for it. */
export async function compensateStep(parts: ServiceParts, job: StepJob): Promise<void> {
  const asked = await readRequest(parts, job);
  if (asked === undefined) return;
  if (asked.action === 'cancel') return cancelStep(parts, job);
  if (asked.undoes === null || asked.output === null) return compensateInDoubt(parts, job, asked);
  await undo(parts, job, asked, asked.undoes);
}

/** Undefined: it cannot be decoded, and that was seen to. */
async function readRequest(
  parts: ServiceParts,
  job: StepJob,
): Promise<CompensationRequested | undefined> {
  try {
    const asked = await throughOutages(parts, job.tenure, () =>
      parts.serde.decode(payloadOf(job), CompensationRequested),
    );
    if (parts.checkpoint !== undefined) await parts.checkpoint('decoded');
    return asked;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    await failUnreadUndoing(parts, job, error);
    return undefined;
  }
}

/** The answer is what became of the step, or that it will never run. */
async function cancelStep(parts: ServiceParts, job: StepJob): Promise<void> {
  const id = effectOf(job, execute);
  const found = await findRow(parts, job.tenure, id);
  if (parts.checkpoint !== undefined) await parts.checkpoint('inbox-read');
  await sendOutcome(parts, job, await answerTo(parts, job, id, found));
}

/** What is known of it. Otherwise it never runs from now on, and is in doubt where an attempt may have done something. */
async function answerTo(
  parts: ServiceParts,
  job: StepJob,
  id: string,
  found: InboxRow | undefined,
): Promise<InboxRow> {
  if (found === undefined) return recordCancel(parts, job, id);
  if (found.outcome !== undefined) return found;
  return recordCancel(parts, job, id, cancelledInDoubtRow(parts, job));
}

/** It may have happened or not: what is known of it is the answer; if nothing is, it never runs from now on. */
async function compensateInDoubt(
  parts: ServiceParts,
  job: StepJob,
  asked: CompensationRequested,
): Promise<void> {
  const id = effectOf(job, execute);
  const found = await findRow(parts, job.tenure, id);
  if (parts.checkpoint !== undefined) await parts.checkpoint('inbox-read');
  const isOpen = found === undefined || !isFinal(found);
  const row = isOpen ? await recordCancel(parts, job, id) : found;
  // Cancelled before: by this very request, which comes again, or by one that asked for no more than that.
  if (row.status !== 'cancelled') return sendOutcome(parts, job, row);
  await undo(parts, job, asked, inDoubt);
}

/** Final rows stay; what failed is cancelled too. */
async function recordCancel(
  parts: ServiceParts,
  job: StepJob,
  id: string,
  cancelled: InboxRow = skippedRow(parts, job, 'cancelled'),
): Promise<InboxRow> {
  const row = await recordRow(parts, job.tenure, id, cancelled);
  if (parts.checkpoint !== undefined) await parts.checkpoint('cancel-recorded');
  return row;
}

function undo(
  parts: ServiceParts,
  job: StepJob,
  asked: CompensationRequested,
  undoes: string,
): Promise<void> {
  return doStep(
    parts,
    job,
    { action: 'compensate', undoes },
    {
      readInput: () => doneOf(parts, job, asked),
      call: (done, ctx) => job.step.compensate?.(done, ctx),
      settle: (returned, attempt) => compensatedRow(parts, job, undoes, returned, attempt),
    },
  );
}

/** What the handler is given: the step's input, and its output where it is known to have succeeded. */
async function doneOf(
  parts: ServiceParts,
  job: StepJob,
  { inputs, output }: CompensationRequested,
): Promise<Done<unknown, Event>> {
  return {
    input: await decodeInput(parts, job, inputs),
    output:
      output === null ? undefined : await decodeEvent(parts, job, output.framed, job.step.emits),
  };
}
