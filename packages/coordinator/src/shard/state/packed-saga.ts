import { type Payload, type SagaEntry, splitSagaKey } from './saga-entry.ts';
import { readSagaState, type SagaState, sagaState } from './saga-state.ts';

/**
 * A saga as bytes, so that a saga at rest costs its own length and the collector passes it by: as objects, a million of
 * them take three times the memory and a second to walk.
 *
 * When it is due, a double, NaN for never; its state as its record has it, after its length; then its payloads, each a
 * name, a type and the framed event, each after its length. All numbers little endian.
 */
export type PackedSaga = Buffer;

const dueBytes = 8;
const lengthBytes = 4;
const stateAt = dueBytes + lengthBytes;
const noSaga = head(undefined, 0);

/** The parts of it, to be put one after the other. */
export function packSaga(entry: SagaEntry): Uint8Array[] {
  const state = sagaState(entry);
  const parts: Uint8Array[] = [head(entry.dueMs, state.length), state];
  for (const [name, payload] of entry.payloads) parts.push(...payloadParts(name, payload));
  return parts;
}

export function unpackSaga(key: string, packed: PackedSaga): SagaEntry {
  const state = stateIn(packed);
  const { revision, trace, progress } = parseState(key, state);
  const payloads = new Map<string, Payload>();
  for (const { name, type, framed } of payloadsIn(packed)) {
    payloads.set(name.toString(), { type: type.toString(), framed: Uint8Array.from(framed) });
  }
  return {
    key,
    ...splitSagaKey(key),
    progress,
    revision,
    trace,
    payloads,
    stateBytesMax: state.length,
    dueMs: dueOf(packed),
  };
}

export function dueOf(packed: PackedSaga): number | undefined {
  const dueMs = packed.readDoubleLE(0);
  return Number.isNaN(dueMs) ? undefined : dueMs;
}

/** Writes it into the block. */
export function setDue(packed: PackedSaga, dueMs: number | undefined): void {
  packed.writeDoubleLE(dueMs ?? Number.NaN, 0);
}

/** False: only payloads of it were found so far. */
export function hasState(packed: PackedSaga): boolean {
  return packed.readUInt32LE(dueBytes) > 0;
}

/** With the value of a newer record of its state. */
export function withState(packed: PackedSaga = noSaga, state: Uint8Array): Uint8Array[] {
  return [head(dueOf(packed), state.length), state, packed.subarray(payloadsAt(packed))];
}

/** With one payload more; undefined: one less. */
export function withPayload(
  packed: PackedSaga = noSaga,
  name: string,
  payload: Payload | undefined,
): Uint8Array[] {
  const bytes = Buffer.from(name);
  const parts: Uint8Array[] = [packed.subarray(0, payloadsAt(packed))];
  for (const one of payloadsIn(packed)) if (!one.name.equals(bytes)) parts.push(one.whole);
  if (payload !== undefined) parts.push(...payloadParts(name, payload));
  return parts;
}

function head(dueMs: number | undefined, stateLength: number): Buffer {
  const bytes = Buffer.allocUnsafe(stateAt);
  bytes.writeDoubleLE(dueMs ?? Number.NaN, 0);
  bytes.writeUInt32LE(stateLength, dueBytes);
  return bytes;
}

function stateIn(packed: PackedSaga): Buffer {
  return packed.subarray(stateAt, payloadsAt(packed));
}

function payloadsAt(packed: PackedSaga): number {
  return stateAt + packed.readUInt32LE(dueBytes);
}

function parseState(key: string, state: Buffer): SagaState {
  try {
    return readSagaState(state);
  } catch (error) {
    throw new Error(`the state of saga ${key} is no JSON`, { cause: error });
  }
}

function payloadParts(name: string, { type, framed }: Payload): Uint8Array[] {
  return [Buffer.from(name), Buffer.from(type), framed].flatMap((part) => {
    const length = Buffer.allocUnsafe(lengthBytes);
    length.writeUInt32LE(part.length);
    return [length, part];
  });
}

function* payloadsIn(packed: PackedSaga) {
  let at = payloadsAt(packed);
  const next = (): Buffer => {
    const from = at + lengthBytes;
    at = from + packed.readUInt32LE(at);
    return packed.subarray(from, at);
  };
  while (at < packed.length) {
    const from = at;
    const [name, type, framed] = [next(), next(), next()];
    yield { name, type, framed, whole: packed.subarray(from, at) };
  }
}
