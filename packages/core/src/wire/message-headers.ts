import { parseSagaRef, type SagaRef } from '../sagas/graph/saga-graph.ts';
import { contentTypes, headerLimits, headerNames, specVersion } from './header-names.ts';
import { readRepeatedText, readText } from './header-text.ts';

/** The headers of one event, read. Trace headers are apart: they may be malformed without harm. */
export interface MessageHeaders {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The saga id. Equals the record's key. */
  readonly correlationId: string;
  readonly causationId: string | undefined;
  readonly saga: SagaRef | undefined;
  readonly step: string | undefined;
  /** From 1. */
  readonly attempt: number;
  /** On the outcome of a compensation: the id of the success that it undid, or `doubt`. */
  readonly undoes: string | undefined;
}

/** What is wrong with the headers or the key of a record, as a sentence for people. */
export interface HeaderFault {
  readonly fault: string;
}

type RawHeaders = Readonly<Record<string, Uint8Array>>;

/**
 * Reads the headers and the key of a record. Never throws: whatever a foreign producer wrote gives a fault that
 * names the header and says what is expected.
 */
export function readMessageHeaders(
  raw: RawHeaders,
  key: Uint8Array | null,
): MessageHeaders | HeaderFault {
  const { idBytesMax, nameBytesMax, correlationIdBytesMax } = headerLimits;
  const id = read(raw[headerNames.id], idBytesMax, readText);
  const source = read(raw[headerNames.source], nameBytesMax, readRepeatedText);
  const type = read(raw[headerNames.type], nameBytesMax, readRepeatedText);
  const named = read(raw[headerNames.correlationId], correlationIdBytesMax, readText);
  const causationId = read(raw[headerNames.causationId], idBytesMax, readText);
  const saga = read(raw[headerNames.saga], nameBytesMax, readRepeatedText);
  const step = read(raw[headerNames.step], nameBytesMax, readRepeatedText);
  const attempt = read(raw[headerNames.attempt], attemptBytesMax, readRepeatedText);
  const undoes = read(raw[headerNames.undoes], idBytesMax, readText);
  if (
    id === malformed ||
    source === malformed ||
    type === malformed ||
    named === malformed ||
    causationId === malformed ||
    saga === malformed ||
    step === malformed ||
    attempt === malformed ||
    undoes === malformed
  ) {
    return firstMalformed(raw);
  }
  if (id === undefined) return missing(headerNames.id, idBytesMax);
  if (type === undefined) return missing(headerNames.type, nameBytesMax);
  if (key === null) {
    return { fault: 'the record has no key: the key is the correlation id of the saga' };
  }
  const correlationId = readText(key, correlationIdBytesMax);
  if (correlationId === undefined) {
    return { fault: `the key is not UTF-8 text of 1 to ${correlationIdBytesMax} bytes` };
  }
  if (named !== undefined && named !== correlationId) {
    return {
      fault: `header ${headerNames.correlationId} is ${quoted(named)}, but the key is ${quoted(correlationId)}: they must be the same`,
    };
  }
  if (saga !== undefined && !isSagaRef(saga)) {
    return {
      fault: `header ${headerNames.saga} is ${quoted(saga)}, expected name@version#hash as in place-order@1#9f86d081`,
    };
  }
  const attempts = attempt === undefined ? 1 : Number(attempt);
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    return { fault: `header ${headerNames.attempt} is not a whole number from 1` };
  }
  return {
    id,
    source: source ?? '',
    type,
    correlationId,
    causationId,
    saga,
    step,
    attempt: attempts,
    undoes,
  };
}

/** Writes headers; the inverse of `readMessageHeaders`. `timeMs` becomes `ce_time`. */
export function writeMessageHeaders(
  headers: MessageHeaders,
  timeMs: number,
  contentType: string = contentTypes.avro,
): Record<string, string> {
  const raw: Record<string, string> = {
    [headerNames.specVersion]: specVersion,
    [headerNames.id]: headers.id,
    [headerNames.source]: headers.source,
    [headerNames.type]: headers.type,
    [headerNames.time]: isoTime(timeMs),
    [headerNames.contentType]: contentType,
    [headerNames.correlationId]: headers.correlationId,
  };
  if (headers.causationId !== undefined) raw[headerNames.causationId] = headers.causationId;
  if (headers.saga !== undefined) raw[headerNames.saga] = headers.saga;
  if (headers.step !== undefined) raw[headerNames.step] = headers.step;
  if (headers.attempt !== 1) raw[headerNames.attempt] = String(headers.attempt);
  if (headers.undoes !== undefined) raw[headerNames.undoes] = headers.undoes;
  return raw;
}

/** A header that is there, and is no text. */
const malformed = Symbol('malformed');
const attemptBytesMax = 10;

function read(
  bytes: Uint8Array | undefined,
  bytesMax: number,
  decode: typeof readText,
): string | undefined | typeof malformed {
  return bytes === undefined ? undefined : (decode(bytes, bytesMax) ?? malformed);
}

const headersRead: readonly (readonly [name: string, bytesMax: number])[] = [
  [headerNames.id, headerLimits.idBytesMax],
  [headerNames.source, headerLimits.nameBytesMax],
  [headerNames.type, headerLimits.nameBytesMax],
  [headerNames.correlationId, headerLimits.correlationIdBytesMax],
  [headerNames.causationId, headerLimits.idBytesMax],
  [headerNames.saga, headerLimits.nameBytesMax],
  [headerNames.step, headerLimits.nameBytesMax],
  [headerNames.attempt, attemptBytesMax],
  [headerNames.undoes, headerLimits.idBytesMax],
];

function firstMalformed(raw: RawHeaders): HeaderFault {
  const faulty = headersRead.find(([name, bytesMax]) => {
    return read(raw[name], bytesMax, readText) === malformed;
  });
  const [name, bytesMax] = faulty ?? ['', 0];
  return { fault: `header ${name} is not UTF-8 text of 1 to ${bytesMax} bytes` };
}

let lastSaga: string | undefined;
/** Records of one saga type come in rows, and the same text was looked at before. */
function isSagaRef(saga: string): saga is SagaRef {
  if (saga !== lastSaga && parseSagaRef(saga) === undefined) return false;
  lastSaga = saga;
  return true;
}

function missing(name: string, bytesMax: number): HeaderFault {
  return {
    fault: `header ${name} is missing: a CloudEvents 1.0 event carries it as UTF-8 text of 1 to ${bytesMax} bytes`,
  };
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}

let lastTimeMs = Number.NaN;
let lastTime = '';
/** Thousands of events share a millisecond, and formatting a date costs more than the rest of the headers. */
function isoTime(timeMs: number): string {
  if (timeMs !== lastTimeMs) {
    lastTimeMs = timeMs;
    lastTime = new Date(timeMs).toISOString();
  }
  return lastTime;
}
