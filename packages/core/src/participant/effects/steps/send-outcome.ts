import type { InboxRow, StoredOutcome } from '../../../ports/inbox.ts';
import type { OutgoingRecord } from '../../../ports/transport.ts';
import type { SendTrace } from '../../../tracing/tracing.ts';
import { headerNames } from '../../../wire/header-names.ts';
import type { StepFailed } from '../../../wire/internal-events.ts';
import { type DeadLetterCause, deadLetter, shortDeadLetter } from '../../sending/dead-letter.ts';
import type { ServiceParts } from '../../service-parts.ts';
import type { StepJob } from './step-job.ts';

/** Sends the outcome of a row, the first time or again, and waits for its acknowledgement. */
export function sendOutcome(parts: ServiceParts, job: StepJob, row: InboxRow): Promise<void> {
  const { outcome } = row;
  if (outcome === undefined) return nothingToSend;
  job.trace.outcome(row.status);
  return send(parts, job, outcome, row.status);
}

const nothingToSend = Promise.resolve();

/** Sends a failure, and the record that it came of as a dead letter: both acknowledged, or both again. */
export async function sendFailure(
  parts: ServiceParts,
  job: StepJob,
  row: InboxRow,
  failed: Pick<StepFailed, 'code' | 'message' | 'attempts'>,
): Promise<void> {
  const { outcome } = row;
  if (outcome === undefined) return;
  const cause: DeadLetterCause = {
    group: parts.name,
    code: failed.code,
    message: failed.message,
    attempt: failed.attempts,
    timeMs: parts.clock.nowMs(),
  };
  job.trace.outcome('failed');
  await send(parts, job, outcome, 'failed', cause);
}

async function send(
  parts: ServiceParts,
  { record, trace, tenure, saga, step }: StepJob,
  outcome: StoredOutcome,
  status: string,
  cause?: DeadLetterCause,
): Promise<void> {
  const { topic, key: correlationId, value } = outcome;
  const span = trace.send({
    topic,
    id: outcome.headers[headerNames.id] ?? '',
    correlationId,
    bodyBytes: value.length,
    saga,
    step: step.name,
    outcome: status,
  });
  const sent = outgoing(outcome, span);
  const { checkpoint } = parts;
  if (checkpoint !== undefined) await checkpoint('before-send');
  try {
    // Its size was checked without trace headers.
    if (sent === outcome && cause === undefined) await parts.sender.send([sent], tenure);
    else if (cause === undefined) await parts.sender.send([sent], tenure, () => [outcome]);
    else {
      await parts.sender.send([sent, deadLetter(record, cause)], tenure, () => [
        outcome,
        shortDeadLetter(record, cause),
      ]);
    }
  } catch (error) {
    span.end(error);
    throw error;
  }
  span.end();
  if (checkpoint !== undefined) await checkpoint('sent');
}

/** Most outcomes have no trace: their headers need no copy. */
function outgoing(outcome: StoredOutcome, span: SendTrace): OutgoingRecord {
  for (const _ in span.headers) {
    const { topic, key, value, headers } = outcome;
    return { topic, key, value, headers: { ...headers, ...span.headers } };
  }
  return outcome;
}
