import { Buffer } from 'node:buffer';
import { parseSagaRef, type SagaRef } from '../sagas/saga-graph.ts';
import { contentTypes, headerLimits, headerNames, specVersion } from './header-names.ts';

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
  const fields: Record<string, string | undefined> = {};
  for (const [name, bytesMax] of readHeaders) {
    const bytes = raw[name];
    if (bytes === undefined) continue;
    const value = readText(bytes, bytesMax);
    if (value === undefined) {
      return { fault: `header ${name} is not UTF-8 text of 1 to ${bytesMax} bytes` };
    }
    fields[name] = value;
  }
  const id = fields[headerNames.id];
  const type = fields[headerNames.type];
  if (id === undefined) return missing(headerNames.id, idBytesMax);
  if (type === undefined) return missing(headerNames.type, nameBytesMax);
  if (key === null) {
    return { fault: 'the record has no key: the key is the correlation id of the saga' };
  }
  const keyText = readText(key, correlationIdBytesMax);
  if (keyText === undefined) {
    return { fault: `the key is not UTF-8 text of 1 to ${correlationIdBytesMax} bytes` };
  }
  const correlationId = fields[headerNames.correlationId] ?? keyText;
  if (correlationId !== keyText) {
    return {
      fault: `header ${headerNames.correlationId} is ${quoted(correlationId)}, but the key is ${quoted(keyText)}: they must be the same`,
    };
  }
  const saga = fields[headerNames.saga];
  if (saga !== undefined && parseSagaRef(saga) === undefined) {
    return {
      fault: `header ${headerNames.saga} is ${quoted(saga)}, expected name@version#hash as in place-order@1#9f86d081`,
    };
  }
  const attempt = Number(fields[headerNames.attempt] ?? '1');
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    return { fault: `header ${headerNames.attempt} is not a whole number from 1` };
  }
  return {
    id,
    source: fields[headerNames.source] ?? '',
    type,
    correlationId,
    causationId: fields[headerNames.causationId],
    saga: saga as SagaRef | undefined,
    step: fields[headerNames.step],
    attempt,
    undoes: fields[headerNames.undoes],
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

const readHeaders: readonly (readonly [name: string, bytesMax: number])[] = [
  [headerNames.id, headerLimits.idBytesMax],
  [headerNames.source, headerLimits.nameBytesMax],
  [headerNames.type, headerLimits.nameBytesMax],
  [headerNames.correlationId, headerLimits.correlationIdBytesMax],
  [headerNames.causationId, headerLimits.idBytesMax],
  [headerNames.saga, headerLimits.nameBytesMax],
  [headerNames.step, headerLimits.nameBytesMax],
  [headerNames.attempt, 10],
  [headerNames.undoes, headerLimits.idBytesMax],
];

/** Undefined when the bytes are no UTF-8 text of 1 to `bytesMax` bytes without control characters. */
export function readText(bytes: Uint8Array, bytesMax: number): string | undefined {
  if (bytes.length === 0 || bytes.length > bytesMax) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return unreadable.test(text) ? undefined : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const unreadable = /[\u0000-\u001f\u007f\ufffd]/;

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
