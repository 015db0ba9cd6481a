import type { IncomingRecord, Serde } from '@troupe/core';
import {
  headerLimits,
  inDoubt,
  type OutcomeInput,
  type SagaRef,
  StepFailed,
  StepSkipped,
} from '@troupe/core/internal';
import { type Interpretation, inputOf, type Member } from './interpretation.ts';

/** Of a participant's error message; more is for its own log. */
const messageLengthMax = 1_000;

export function isTechnicalOutcome({ headers: { type } }: Member): boolean {
  return type === StepFailed.eventName || type === StepSkipped.eventName;
}

/**
 * What a participant says of a step beside its own events: that it failed, or was skipped. At once where the schema is
 * known. Throws, or rejects with, what the serde says of a value.
 */
export function technicalOutcome(
  { value, timestampMs: atMs }: IncomingRecord,
  member: Member,
  serde: Serde,
): Interpretation | Promise<Interpretation> {
  const { headers, saga } = member;
  if (value === null) {
    const fault = `${headers.type} without a value`;
    return { kind: 'unreadable', code: 'poison-message', fault };
  }
  const about = { saga, sagaId: headers.correlationId, eventId: headers.id, atMs };
  const whole = (event: StepFailed | StepSkipped) =>
    inputOf(member, inputOfTechnical(event, about));
  return headers.type === StepFailed.eventName
    ? then(serde.decode(value, StepFailed), whole)
    : then(serde.decode(value, StepSkipped), whole);
}

type About = {
  readonly saga: SagaRef;
  readonly sagaId: string;
  readonly eventId: string;
  readonly atMs: number;
};

function inputOfTechnical(event: StepFailed | StepSkipped, about: About): OutcomeInput {
  const step = cut(event.step, headerLimits.nameBytesMax);
  if (event instanceof StepSkipped)
    return { kind: 'skipped', ...about, step, reason: event.reason };
  const code = cut(event.code, headerLimits.nameBytesMax);
  const message = cut(event.message, messageLengthMax);
  const { inDoubt: doubtful } = event;
  return event.action === 'execute'
    ? { kind: 'failed', ...about, step, inDoubt: doubtful, code, message }
    : {
        kind: 'compensation-failed',
        ...about,
        step,
        undoes: cut(event.undoes ?? inDoubt, headerLimits.idBytesMax),
        code,
        message,
      };
}

/** What is no longer than it may be is kept as it is; the rest would make the saga's own records too large (I8). */
function cut(written: string, lengthMax: number): string {
  return written.length <= lengthMax ? written : written.slice(0, lengthMax);
}

/** A promise only where there is one: thousands of records a second take the other way. */
function then<From, To>(from: From | Promise<From>, to: (value: From) => To): To | Promise<To> {
  return from instanceof Promise ? from.then(to) : to(from);
}
