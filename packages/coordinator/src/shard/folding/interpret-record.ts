import type { ErrorCode, IncomingRecord, Serde } from '@troupe/core';
import {
  type ArrivedInput,
  admit,
  headerLimits,
  headerNames,
  inDoubt,
  inputOfEvent,
  internalTopics,
  type MessageHeaders,
  type OutcomeInput,
  type SagaGraph,
  type SagaRef,
  StepFailed,
  StepSkipped,
  sagaRef,
} from '@troupe/core/internal';
import type { DefinitionBook } from '../../definitions/definition-book.ts';

/** What a record of an input topic is to the coordinator. */
export type Interpretation =
  | {
      readonly kind: 'input';
      readonly graph: SagaGraph;
      readonly input: ArrivedInput;
      readonly headers: MessageHeaders;
    }
  /** No part of any saga: other people's events share these topics. */
  | { readonly kind: 'foreign' }
  /** It is part of a saga whose definition is not in use, or not yet. */
  | { readonly kind: 'unknown-definition'; readonly saga: SagaRef }
  /** It claims to be part of a saga, but cannot be understood. */
  | { readonly kind: 'unreadable'; readonly code: ErrorCode; readonly fault: string };

/** Of a participant's error message; more is for its own log. */
const messageLengthMax = 1_000;

const foreign: Interpretation = { kind: 'foreign' };

/**
 * Reads the headers; a value only where the coordinator is the one it is meant for (`StepFailed`, `StepSkipped`),
 * which may have to wait for a schema. Never throws for what somebody wrote; rejects when the registry is away.
 */
export function interpretRecord(
  record: IncomingRecord,
  book: DefinitionBook,
  serde: Serde,
): Interpretation | Promise<Interpretation> {
  const admission = admit(record.headers, record.key, book);
  switch (admission.kind) {
    case 'refused': {
      const ours = record.topic === internalTopics.outcomes || headerNames.saga in record.headers;
      return ours
        ? { kind: 'unreadable', code: 'header-invalid', fault: admission.fault }
        : foreign;
    }
    case 'outside':
      return unstamped(record, admission.headers, book);
    case 'unknown-saga':
      return { kind: 'unknown-definition', saga: admission.saga };
    case 'member': {
      const { definition: graph, saga, headers } = admission;
      return memberInput(record, headers, saga, graph, serde);
    }
  }
}

function memberInput(
  record: IncomingRecord,
  headers: MessageHeaders,
  saga: SagaRef,
  graph: SagaGraph,
  serde: Serde,
): Interpretation | Promise<Interpretation> {
  if (headers.type === StepFailed.eventName || headers.type === StepSkipped.eventName) {
    return technicalOutcome(record, headers, saga, graph, serde);
  }
  const input = inputOfEvent(graph, saga, headers, record.timestampMs);
  return { kind: 'input', graph, input, headers };
}

/**
 * A foreign producer's start event begins the newest version of the one saga that starts on it. Between its publication and
 * its admission a definition may be the only one that does: the event waits for it.
 */
function unstamped(
  record: IncomingRecord,
  headers: MessageHeaders,
  book: DefinitionBook,
): Interpretation {
  const [graph, ...others] = book.startedBy(headers.type);
  if (graph === undefined) {
    const saga = book.startedLater(headers.type);
    return saga === undefined ? foreign : { kind: 'unknown-definition', saga };
  }
  if (others.length > 0) {
    const names = [graph, ...others].map(({ name }) => name).join(', ');
    return {
      kind: 'unreadable',
      code: 'header-invalid',
      fault: `${headers.type} starts several sagas (${names}): its publisher must name one in the header ${headerNames.saga}`,
    };
  }
  const input = inputOfEvent(graph, sagaRef(graph), headers, record.timestampMs);
  return { kind: 'input', graph, input, headers };
}

function technicalOutcome(
  record: IncomingRecord,
  headers: MessageHeaders,
  saga: SagaRef,
  graph: SagaGraph,
  serde: Serde,
): Interpretation | Promise<Interpretation> {
  if (record.value === null) {
    const fault = `${headers.type} without a value`;
    return { kind: 'unreadable', code: 'poison-message', fault };
  }
  const about = { saga, sagaId: headers.correlationId, eventId: headers.id };
  const whole = (event: StepFailed | StepSkipped): Interpretation => {
    const input = inputOfTechnical(event, { ...about, atMs: record.timestampMs });
    return { kind: 'input', graph, input, headers };
  };
  return headers.type === StepFailed.eventName
    ? then(serde.decode(record.value, StepFailed), whole)
    : then(serde.decode(record.value, StepSkipped), whole);
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
