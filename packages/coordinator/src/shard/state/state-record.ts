import type { IncomingRecord, OutgoingRecord } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import type { Payload, SagaEntry } from './saga-entry.ts';
import { sagaState } from './saga-state.ts';
import {
  type RecordPlace,
  readWaitingEvent,
  type WaitingEvent,
  writeWaitingEvent,
} from './waiting-event.ts';

/**
 * The records of `troupe.state`: what a shard is rebuilt from. Their keys:
 *
 * - `saga/<name>/<saga id>`: the progress of one saga, as JSON; a tombstone when it is forgotten.
 * - `payload/<payload name>/<name>/<saga id>`: one event, framed, written once; a tombstone when its saga has ended.
 * - `waiting/<topic>/<offset>`: an event whose definition nobody has published yet, as JSON; a tombstone when it waits no
 *   more.
 * - `offsets`: the input offsets that all of this is true of.
 * - `barrier`: written by who takes over; what lies before it is all that older holders ever committed.
 */
export type StateRecord =
  | {
      readonly kind: 'saga';
      readonly key: string;
      /** Its bytes, which are read when the saga is used. */
      readonly state: Uint8Array | undefined;
    }
  | {
      readonly kind: 'payload';
      readonly sagaKey: string;
      /** `payloadName` of it. */
      readonly name: string;
      /** Its bytes are a view on the record. */
      readonly payload: Payload | undefined;
    }
  | {
      readonly kind: 'waiting';
      readonly place: RecordPlace;
      readonly event: WaitingEvent | undefined;
    }
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<string, bigint> }
  | { readonly kind: 'barrier'; readonly id: string };

const noHeaders = {};
const payloadTypeHeader = 'type';

export function sagaRecord(partition: number, entry: SagaEntry): OutgoingRecord {
  return record(partition, `saga/${entry.key}`, sagaState(entry));
}

export function sagaTombstone(partition: number, key: string): OutgoingRecord {
  return record(partition, `saga/${key}`, null);
}

export function payloadRecord(
  partition: number,
  key: string,
  name: string,
  payload: Payload,
): OutgoingRecord {
  return record(partition, payloadKey(key, name), payload.framed, {
    [payloadTypeHeader]: payload.type,
  });
}

export function payloadTombstone(partition: number, key: string, name: string): OutgoingRecord {
  return record(partition, payloadKey(key, name), null);
}

export function waitingRecord(partition: number, event: WaitingEvent): OutgoingRecord {
  return record(partition, waitingKey(event.record), writeWaitingEvent(event));
}

export function waitingTombstone(partition: number, waiting: RecordPlace): OutgoingRecord {
  return record(partition, waitingKey(waiting), null);
}

export function offsetsRecord(
  partition: number,
  offsets: ReadonlyMap<string, bigint>,
): OutgoingRecord {
  const json = Object.fromEntries([...offsets].map(([topic, offset]) => [topic, String(offset)]));
  return record(partition, 'offsets', Buffer.from(JSON.stringify(json)));
}

export function barrierRecord(partition: number, id: string): OutgoingRecord {
  return record(partition, 'barrier', Buffer.from(id));
}

function waitingKey({ topic, offset }: RecordPlace): string {
  return `waiting/${topic}/${offset}`;
}

/** An event id and a saga id may hold any character; a saga's name and an encoded id have no slash. */
function payloadKey(key: string, name: string): string {
  return `payload/${encodeURIComponent(name)}/${key}`;
}

function record(
  partition: number,
  key: string,
  value: Uint8Array | null,
  headers: Record<string, string> = noHeaders,
): OutgoingRecord {
  return { topic: internalTopics.state, partition, key, value, headers };
}

/** Only the coordinator writes this topic, so anything else in it is a fault of the installation: it throws. */
export function readStateRecord({ key, value, headers, partition }: IncomingRecord): StateRecord {
  const name = key === null ? '' : text(key);
  if (name.startsWith('saga/')) {
    return { kind: 'saga', key: whole(name.slice('saga/'.length)), state: value ?? undefined };
  }
  if (name.startsWith('payload/')) {
    const rest = name.slice('payload/'.length);
    const slash = rest.indexOf('/');
    const type = headers[payloadTypeHeader];
    const payload =
      value === null || type === undefined ? undefined : { type: text(type), framed: value };
    return {
      kind: 'payload',
      name: decodeURIComponent(rest.slice(0, slash)),
      sagaKey: whole(rest.slice(slash + 1)),
      payload,
    };
  }
  if (name.startsWith('waiting/')) {
    const [, topic = '', offset = ''] = name.split('/');
    const place = { topic, partition, offset: BigInt(offset) };
    const event = value === null ? undefined : readWaitingEvent(text(value), place);
    return { kind: 'waiting', place, event };
  }
  if (name === 'offsets' && value !== null) {
    const json = JSON.parse(text(value)) as Record<string, string>;
    const offsets = Object.entries(json).map(([topic, offset]) => [topic, BigInt(offset)] as const);
    return { kind: 'offsets', offsets: new Map(offsets) };
  }
  if (name === 'barrier' && value !== null) return { kind: 'barrier', id: text(value) };
  throw new Error(`${internalTopics.state} holds a record with key ${JSON.stringify(name)}`);
}

/** A part of a text holds on to all of it. This is kept for long, so it is made one of its own. */
function whole(part: string): string {
  return Buffer.from(part).toString();
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
