import type { IncomingRecord } from '../../ports/transport.ts';
import { admit, type KnownSagas } from '../../wire/admit.ts';
import { headerLimits, headerNames } from '../../wire/header-names.ts';
import { readRepeatedText } from '../../wire/header-text.ts';
import { CompensationRequested, StepRequested } from '../../wire/internal-events.ts';
import type { MessageHeaders } from '../../wire/message-headers.ts';
import type { OwnEventHandler, OwnStep } from '../definitions/own-step.ts';
import type { PlannedStep, SagaPlan } from '../definitions/saga-plan.ts';

/** What the records are sorted by: everything that this service handles. */
export interface Handled {
  /** Plain consumers by event type. */
  readonly eventHandlers: ReadonlyMap<string, OwnEventHandler>;
  /** Event types that trigger an own step by themselves. */
  readonly triggers: ReadonlySet<string>;
  /** Names of own steps. */
  readonly stepNames: ReadonlySet<string>;
}

/** One thing to do because of a record. */
export type Delivery = StepDelivery | { readonly kind: 'event'; readonly handler: OwnEventHandler };

export interface StepDelivery {
  /** `cancel-request`: that names nothing to undo. */
  readonly kind: 'trigger' | 'execute-request' | 'compensation-request' | 'cancel-request';
  readonly step: OwnStep;
  readonly plan: SagaPlan;
}

export type SortedRecord =
  /** Nothing of ours. */
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'deliver';
      readonly headers: MessageHeaders;
      readonly deliveries: readonly Delivery[];
    }
  /** Its saga's definition is not known yet, or is one that this version of the service does not implement. */
  | ({ readonly kind: 'wait' } & WaitingRecord)
  /** It can never be understood. */
  | { readonly kind: 'unreadable'; readonly fault: string };

export interface WaitingRecord {
  readonly headers: MessageHeaders;
  readonly code: 'definition-unknown' | 'definition-conflict';
  readonly message: string;
  /** What could be done at once, if it were not for the order of the key. */
  readonly deliveries: readonly Delivery[];
  /** What is ours and cannot be run: if it stays so, its saga has to hear of it. */
  readonly conflicts: readonly StepDelivery[];
}

const pass: SortedRecord = { kind: 'pass' };

/**
 * Says what a record is to this service, by its headers and its key alone. Pure; never throws. Most records of a
 * shared topic are nothing of ours: those cost one look at `ce_type`.
 */
export function sortRecord(
  record: Pick<IncomingRecord, 'headers' | 'key'>,
  handled: Handled,
  sagas: KnownSagas<SagaPlan>,
): SortedRecord {
  const type = textHeader(record, headerNames.type);
  if (type === StepRequested.eventName || type === CompensationRequested.eventName) {
    return sortRequest(record, type, handled, sagas);
  }
  const triggers = type !== undefined && handled.triggers.has(type);
  const handler = type === undefined ? undefined : handled.eventHandlers.get(type);
  // Without a type nobody knows whom it is for: everybody who reads it says so.
  if (type !== undefined && !triggers && handler === undefined) return pass;

  const admission = admit(record.headers, record.key, sagas);
  if (admission.kind === 'refused') return { kind: 'unreadable', fault: admission.fault };
  const { headers } = admission;
  const deliveries: Delivery[] = handler === undefined ? [] : [{ kind: 'event', handler }];
  if (!triggers || admission.kind === 'outside') return deliver(headers, deliveries);
  if (admission.kind === 'unknown-saga') return waitForSaga(headers, deliveries);
  const plan = admission.definition;
  const planned = plan.triggeredBy.get(headers.type);
  return planned === undefined
    ? deliver(headers, deliveries)
    : deliverSteps('trigger', headers, deliveries, planned, plan);
}

function sortRequest(
  record: Pick<IncomingRecord, 'headers' | 'key'>,
  type: string,
  handled: Handled,
  sagas: KnownSagas<SagaPlan>,
): SortedRecord {
  const name = textHeader(record, headerNames.step);
  if (name !== undefined && !handled.stepNames.has(name)) return pass;
  const admission = admit(record.headers, record.key, sagas);
  if (admission.kind === 'refused') return { kind: 'unreadable', fault: admission.fault };
  const { headers } = admission;
  const missing = name === undefined ? headerNames.step : headerNames.saga;
  if (name === undefined || admission.kind === 'outside') {
    return { kind: 'unreadable', fault: `header ${missing} is missing: a request names it` };
  }
  if (admission.kind === 'unknown-saga') return waitForSaga(headers, []);
  const plan = admission.definition;
  const planned = plan.ownSteps.get(name);
  return planned === undefined
    ? pass
    : deliverSteps(requestKind(type, headers), headers, [], [planned], plan);
}

/** A cancel and a request to undo are one event type; only the latter names what it undoes in its headers. */
function requestKind(type: string, { undoes }: MessageHeaders): StepDelivery['kind'] {
  if (type === StepRequested.eventName) return 'execute-request';
  return undoes === undefined ? 'cancel-request' : 'compensation-request';
}

function deliver(headers: MessageHeaders, deliveries: readonly Delivery[]): SortedRecord {
  return deliveries.length === 0 ? pass : { kind: 'deliver', headers, deliveries };
}

function deliverSteps(
  kind: StepDelivery['kind'],
  headers: MessageHeaders,
  others: readonly Delivery[],
  planned: readonly PlannedStep[],
  plan: SagaPlan,
): SortedRecord {
  const deliveries = [...others];
  const conflicts: StepDelivery[] = [];
  let message = '';
  for (const one of planned) {
    const delivery = { kind, step: one.step, plan };
    if (one.kind === 'runnable') deliveries.push(delivery);
    else {
      conflicts.push(delivery);
      message = one.message;
    }
  }
  return conflicts.length === 0
    ? deliver(headers, deliveries)
    : { kind: 'wait', headers, code: 'definition-conflict', message, deliveries, conflicts };
}

function waitForSaga(headers: MessageHeaders, deliveries: readonly Delivery[]): SortedRecord {
  return {
    kind: 'wait',
    headers,
    code: 'definition-unknown',
    message: `the definition of saga ${headers.saga} is not on troupe.definitions: start a service that was given it`,
    deliveries,
    conflicts: [],
  };
}

function textHeader(record: Pick<IncomingRecord, 'headers'>, name: string): string | undefined {
  const bytes = record.headers[name];
  return bytes === undefined ? undefined : readRepeatedText(bytes, headerLimits.nameBytesMax);
}
