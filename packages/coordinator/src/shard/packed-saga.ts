import { type Payload, type SagaEntry, splitSagaKey } from './saga-entry.ts';
import { readSagaState, type SagaState, sagaState } from './saga-state.ts';

/**
 * A saga as one string, one character for each byte, so that a saga at rest costs its own length and the collector
 * passes it by: a million of objects, each of a dozen parts, take three times the memory and a second to walk.
 *
 * Lines: when it is due, or nothing; its state, as its record has it; then one for each payload. Neither JSON nor an
 * encoded name has a line break.
 */
export type PackedSaga = string;

export function packSaga(entry: SagaEntry): PackedSaga {
  const lines = [String(entry.dueMs ?? ''), latin1(sagaState(entry))];
  for (const [eventId, payload] of entry.payloads) lines.push(payloadLine(eventId, payload));
  return flat(lines.join('\n'));
}

export function unpackSaga(key: string, packed: PackedSaga): SagaEntry {
  const [, state = '', ...lines] = packed.split('\n');
  const { revision, trace, progress } = stateIn(key, state);
  return {
    key,
    ...splitSagaKey(key),
    progress,
    revision,
    trace,
    payloads: new Map(lines.map(readPayloadLine)),
    stateBytesMax: state.length,
    dueMs: dueOf(packed),
  };
}

function stateIn(key: string, state: string): SagaState {
  try {
    return readSagaState(Buffer.from(state, 'latin1'));
  } catch (error) {
    throw new Error(`the state of saga ${key} is no JSON`, { cause: error });
  }
}

export function dueOf(packed: PackedSaga): number | undefined {
  const due = packed.slice(0, packed.indexOf('\n'));
  return due === '' ? undefined : Number(due);
}

export function withDue(packed: PackedSaga, dueMs: number | undefined): PackedSaga {
  return flat(`${dueMs ?? ''}${packed.slice(packed.indexOf('\n'))}`);
}

/** False: only payloads of it were found so far. */
export function hasState(packed: PackedSaga): boolean {
  return packed.charAt(packed.indexOf('\n') + 1) === '{';
}

/** The value of a newer record of its state. */
export function withState(packed: PackedSaga | undefined, state: Uint8Array): PackedSaga {
  const [due = '', , ...payloads] = packed?.split('\n') ?? [];
  return flat([due, latin1(state), ...payloads].join('\n'));
}

/** One payload more; undefined: one less. */
export function withPayload(
  packed: PackedSaga | undefined,
  eventId: string,
  payload: Payload | undefined,
): PackedSaga {
  const [due = '', state = '', ...payloads] = packed?.split('\n') ?? [];
  const start = `${encodeURIComponent(eventId)} `;
  const others = payloads.filter((line) => !line.startsWith(start));
  if (payload !== undefined) others.push(payloadLine(eventId, payload));
  return flat([due, state, ...others].join('\n'));
}

function payloadLine(eventId: string, { type, framed }: Payload): string {
  const base64 = asBuffer(framed).toString('base64');
  return `${encodeURIComponent(eventId)} ${encodeURIComponent(type)} ${base64}`;
}

function readPayloadLine(line: string): [eventId: string, payload: Payload] {
  const [eventId = '', type = '', base64 = ''] = line.split(' ');
  const framed = Uint8Array.from(Buffer.from(base64, 'base64'));
  return [decodeURIComponent(eventId), { type: decodeURIComponent(type), framed }];
}

function latin1(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** A string that was put together, or cut out, holds on to what it was made of. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
