import type { IncomingRecord, Serde } from '@troupe/core';
import {
  admit,
  headerNames,
  inputOfEvent,
  internalTopics,
  type MessageHeaders,
  sagaRef,
} from '@troupe/core/internal';
import type { DefinitionBook } from '../../definitions/definition-book.ts';
import { type Interpretation, inputOf, type Member } from './interpretation.ts';
import { isTechnicalOutcome, technicalOutcome } from './technical-outcome.ts';

const foreign: Interpretation = { kind: 'foreign' };

/**
 * Reads the headers; a value only where the coordinator is the one it is meant for (`StepFailed`, `StepSkipped`),
 * which may have to wait for a schema. Throws, or rejects with, what the serde says of such a value.
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
    case 'member':
      return memberInput(record, admission, serde);
  }
}

function memberInput(
  record: IncomingRecord,
  member: Member,
  serde: Serde,
): Interpretation | Promise<Interpretation> {
  if (isTechnicalOutcome(member)) return technicalOutcome(record, member, serde);
  const { definition, saga, headers } = member;
  return inputOf(member, inputOfEvent(definition, saga, headers, record.timestampMs));
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
  return inputOf({ definition: graph, headers }, input);
}
