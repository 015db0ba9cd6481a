import { PoisonMessageError, TerminalError } from '../errors/error-kinds.ts';
import type { IncomingRecord } from '../ports/transport.ts';
import { handleEvent } from './effects/handle-event.ts';
import type { RecordWork } from './effects/record-work.ts';
import { sendDeadLetter } from './effects/send-dead-letter.ts';
import { compensateStep } from './effects/steps/compensate-step.ts';
import { executeStep } from './effects/steps/execute-step.ts';
import { failUnreadUndoing, failUntried } from './effects/steps/fail-step.ts';
import { stepJob } from './effects/steps/step-job.ts';
import type { QueuedRecord } from './intake/key-lane.ts';
import type { Delivery, SortedRecord, StepDelivery, WaitingRecord } from './intake/sort-record.ts';
import type { ServiceParts } from './service-parts.ts';
import { Interrupted, type Tenure } from './waiting/tenure.ts';

/**
 * Does everything that one record asks for. True: all of it is done, its outcomes and dead letters are acknowledged.
 * False: the tenure ended before, or a fault of Troupe's own stopped it; the record is left to whoever comes next.
 * Never rejects.
 */
export async function processRecord(
  parts: ServiceParts,
  queued: QueuedRecord,
  tenure: Tenure,
  sort: (record: IncomingRecord) => SortedRecord,
): Promise<boolean> {
  const { record, sorted } = queued;
  try {
    if (parts.checkpoint !== undefined) await parts.checkpoint('received');
    if (sorted.kind === 'deliver') await deliver(parts, record, sorted, tenure);
    else if (sorted.kind === 'unreadable') await refuse(parts, record, sorted.fault, tenure);
    else await deliverWaiting(parts, record, sorted, tenure, sort);
    if (parts.checkpoint !== undefined) await parts.checkpoint('done');
    return true;
  } catch (error) {
    if (error instanceof Interrupted || tenure.over) return false;
    const { topic, partition, offset } = record;
    const place = `${topic}-${partition}@${offset}`;
    const text = `the record at ${place} was left undone by a fault of Troupe's own; its key stands still until a restart`;
    parts.health.begin('internal', place, text, error);
    return false;
  }
}

async function deliver(
  parts: ServiceParts,
  record: IncomingRecord,
  { headers, deliveries }: Extract<SortedRecord, { kind: 'deliver' }>,
  tenure: Tenure,
): Promise<void> {
  const trace = parts.tracing.process(record, headers, parts.name);
  try {
    const [first] = deliveries;
    const work = { record, headers, trace, tenure };
    const start = (one: Delivery): Promise<void> =>
      one.kind === 'event'
        ? handleEvent(parts, { ...work, handler: one.handler })
        : startStep(parts, work, one);
    // Steps that one event triggers are independent of each other.
    if (deliveries.length === 1 && first !== undefined) await start(first);
    else await allEnded(deliveries.map(start));
  } finally {
    trace.end();
  }
}

function startStep(parts: ServiceParts, work: RecordWork, delivery: StepDelivery): Promise<void> {
  const job = stepJob(work, delivery);
  if (isUndoing(delivery)) return compensateStep(parts, job);
  return executeStep(parts, job, delivery.kind === 'trigger' ? 'trigger' : 'request');
}

function isUndoing({ kind }: StepDelivery): boolean {
  return kind === 'compensation-request' || kind === 'cancel-request';
}

async function refuse(
  parts: ServiceParts,
  record: IncomingRecord,
  fault: string,
  tenure: Tenure,
): Promise<void> {
  const trace = parts.tracing.process(record, undefined, parts.name);
  try {
    const error = new PoisonMessageError(fault, { code: 'header-invalid' });
    await sendDeadLetter(parts, { record, trace, tenure }, error, 0);
  } finally {
    trace.end();
  }
}

/** The key waits for a definition; what then can still not be run is a dead letter. */
async function deliverWaiting(
  parts: ServiceParts,
  record: IncomingRecord,
  waiting: WaitingRecord,
  tenure: Tenure,
  sort: (record: IncomingRecord) => SortedRecord,
): Promise<void> {
  const sorted = await sortedInTime(parts, record, waiting, tenure, sort);
  if (sorted.kind === 'deliver') return deliver(parts, record, sorted, tenure);
  if (sorted.kind !== 'wait') return;
  const { headers, code, message, deliveries, conflicts } = sorted;
  if (deliveries.length > 0) {
    await deliver(parts, record, { kind: 'deliver', headers, deliveries }, tenure);
  }
  const error = new TerminalError(message, { code });
  const trace = parts.tracing.process(record, headers, parts.name);
  try {
    const work = { record, headers, trace, tenure };
    for (const one of conflicts) {
      const job = stepJob(work, one);
      if (isUndoing(one)) await failUnreadUndoing(parts, job, error);
      else await failUntried(parts, job, { action: 'execute' }, error);
    }
    if (conflicts.length === 0) await sendDeadLetter(parts, work, error, 0);
  } finally {
    trace.end();
  }
}

/** Sorts the record again with each definition that comes, until it can be handled or `definitionWaitMs` is over. */
async function sortedInTime(
  parts: ServiceParts,
  record: IncomingRecord,
  waiting: WaitingRecord,
  tenure: Tenure,
  sort: (record: IncomingRecord) => SortedRecord,
): Promise<SortedRecord> {
  const { clock, definitions, health, limits } = parts;
  const untilMs = clock.monotonicMs() + limits.definitionWaitMs;
  let sorted = sort(record); // it may have come while the record waited for its turn
  if (sorted.kind !== 'wait') return sorted;
  const subject = waiting.headers.saga ?? '';
  health.begin('key-waiting', subject, waiting.message);
  try {
    for (;;) {
      const leftMs = untilMs - clock.monotonicMs();
      if (sorted.kind !== 'wait' || leftMs <= 0) return sorted;
      await definitions.nextChange(tenure, clock, leftMs);
      sorted = sort(record);
    }
  } finally {
    health.end('key-waiting', subject);
  }
}

/** Waits for all of them, also when one fails: none goes on unobserved after its record was given up. */
async function allEnded(running: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(running);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
