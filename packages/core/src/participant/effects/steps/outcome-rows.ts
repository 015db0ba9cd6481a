import { TerminalError } from '../../../errors/error-kinds.ts';
import { type AnyEventClass, Event, eventClassOf, eventKeyOf } from '../../../events/event.ts';
import type { InboxRow, InboxStatus } from '../../../ports/inbox.ts';
import {
  failureId,
  type OutcomeKind,
  outcomeId,
  type StepAction,
} from '../../../sagas/effect-id.ts';
import { StepFailed, StepSkipped } from '../../../wire/internal-events.ts';
import { writeMessageHeaders } from '../../../wire/message-headers.ts';
import { assertRecordFits } from '../../sending/record-limit.ts';
import type { ServiceParts } from '../../service-parts.ts';
import { effectOf, type StepJob } from './step-job.ts';

/**
 * The row of what `execute` returned. Throws `outcome-invalid`, `payload-invalid` or `message-too-large`, which no
 * further attempt mends: the handler is wrong.
 */
export function executedRow(
  parts: ServiceParts,
  job: StepJob,
  event: unknown,
  attempt: number,
): InboxRow {
  const { step } = job;
  const act: StepAction = { action: 'execute' };
  if (event instanceof step.emits) return outcomeRow(parts, job, act, 'succeeded', event, attempt);
  if (step.rejects !== undefined && event instanceof step.rejects) {
    return outcomeRow(parts, job, act, 'rejected', event, attempt);
  }
  throw wrongOutcome(job, 'execute', event, [step.emits, step.rejects]);
}

/** The row of what `compensate` returned. Throws as `executedRow` does. */
export function compensatedRow(
  parts: ServiceParts,
  job: StepJob,
  undoes: string,
  event: unknown,
  attempt: number,
): InboxRow {
  const { compensates } = job.step;
  if (compensates === undefined || !(event instanceof compensates)) {
    throw wrongOutcome(job, 'compensate', event, [compensates]);
  }
  return outcomeRow(parts, job, { action: 'compensate', undoes }, 'compensated', event, attempt);
}

/** The row of a step that is not run: its `when` said so, or the coordinator cancelled it. */
export function skippedRow(
  parts: ServiceParts,
  job: StepJob,
  reason: 'condition' | 'cancelled',
): InboxRow {
  const { correlationId } = job.headers;
  const event = new StepSkipped({ correlationId, step: job.step.name, reason });
  const row = outcomeRow(parts, job, { action: 'execute' }, 'skipped', event, 1);
  return reason === 'cancelled' ? { ...row, status: 'cancelled' } : row;
}

/** What is told of a step, or of its compensation, that failed for good. */
export interface FailureReport {
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** It may have happened. */
  readonly inDoubt: boolean;
}

/** The row of a step, or of its compensation, that failed for good. */
export function failedRow(
  parts: ServiceParts,
  job: StepJob,
  act: StepAction,
  failure: FailureReport,
): InboxRow {
  const { correlationId, id: triggerId } = job.headers;
  const event = new StepFailed({
    correlationId,
    step: job.step.name,
    ...act,
    ...failure,
  });
  const id = failureId(effectOf(job, act), triggerId);
  return rowOf(parts, job, act, 'failed', id, event, Math.max(failure.attempts, 1));
}

/**
 * The row of a step that is cancelled after an attempt that may have done something, before there was another: it never
 * runs from now on, but nobody can say that it did not happen (ADR 15).
 */
export function cancelledInDoubtRow(parts: ServiceParts, job: StepJob): InboxRow {
  const message = `step ${job.step.name} is cancelled, and an attempt at it before may have done something`;
  const failure = { code: 'stopped', message, attempts: 1, inDoubt: true };
  return { ...failedRow(parts, job, { action: 'execute' }, failure), status: 'cancelled' };
}

function outcomeRow(
  parts: ServiceParts,
  job: StepJob,
  act: StepAction,
  kind: OutcomeKind,
  event: Event,
  attempt: number,
): InboxRow {
  return rowOf(parts, job, act, kind, outcomeId(effectOf(job, act), kind), event, attempt);
}

function rowOf(
  parts: ServiceParts,
  { headers, saga, step }: StepJob,
  act: StepAction,
  status: InboxStatus,
  id: string,
  event: Event,
  attempt: number,
): InboxRow {
  const { correlationId, id: causationId } = headers;
  const undoes = act.action === 'compensate' ? act.undoes : undefined;
  const { eventName: type, topic, key: keyField } = eventClassOf(event);
  const key = eventKeyOf(event);
  if (key !== correlationId) {
    throw new TerminalError(
      `step ${step.name} returned a ${type} with ${keyField} ${JSON.stringify(key)}, but its saga is ${JSON.stringify(correlationId)}: the key of every event of a saga is the saga's id`,
      { code: 'outcome-invalid', details: { step: step.name, type, key, correlationId } },
    );
  }
  const nowMs = parts.clock.nowMs();
  const value = parts.serde.encode(event);
  const written = writeMessageHeaders(
    {
      id,
      source: parts.name,
      type,
      correlationId,
      causationId,
      saga,
      step: step.name,
      attempt,
      undoes,
    },
    nowMs,
  );
  const record = { topic, key, value, headers: written };
  assertRecordFits(record, parts.limits.messageBytesMax, `outcome ${type} of step ${step.name}`);
  return { status, outcome: { ...record, type }, recordedAtMs: nowMs };
}

function wrongOutcome(
  { step, headers }: StepJob,
  action: 'execute' | 'compensate',
  got: unknown,
  expected: readonly (AnyEventClass | undefined)[],
): TerminalError {
  const names = expected.flatMap((one) => (one === undefined ? [] : [one.eventName])).join(' or ');
  return new TerminalError(
    `${action} of step ${step.name} returned ${describe(got)}, expected ${names || 'nothing, as it names no event'}: return new ${names.split(' ')[0]?.split('.').at(-1)}({ ... })`,
    {
      code: 'outcome-invalid',
      details: { step: step.name, action, correlationId: headers.correlationId, expected: names },
    },
  );
}

function describe(got: unknown): string {
  if (got instanceof Event) return `an event ${got['~event']}`;
  return got === null || got === undefined ? String(got) : `a value of type ${typeof got}`;
}
