import type { IncomingRecord, OutgoingRecord } from '@troupe/core';
import { defaultSagaLimits, type Progress } from '@troupe/core/internal';
import { describe, expect, test } from 'vitest';
import { newEntry, type SagaEntry, sagaKey } from './saga-entry.ts';
import { readSagaState } from './saga-state.ts';
import { SagaStore } from './saga-store.ts';
import {
  barrierRecord,
  offsetsRecord,
  payloadRecord,
  payloadTombstone,
  readStateRecord,
  sagaRecord,
  sagaTombstone,
  waitingRecord,
  waitingTombstone,
} from './state-record.ts';
import type { WaitingEvent } from './waiting-event.ts';

const progress: Progress = {
  saga: 'place-order@1#9f86d081',
  sagaId: 'orders/42 ü',
  phase: 'running',
  sinceMs: 5,
  startEventId: 'e-1',
  startedAtMs: 5,
  deadlineMs: 60_005,
  steps: { 'reserve-stock': { successes: ['e-2'], resolvedAtMs: 9 } },
  deviations: 0,
};
const entry: SagaEntry = {
  key: sagaKey('place-order', progress.sagaId),
  name: 'place-order',
  sagaId: progress.sagaId,
  progress,
  revision: 7,
  trace: { traceparent: '00-1-2-01' },
  payloads: new Map(),
  stateBytesMax: undefined,
  dueMs: undefined,
};
const key = entry.key;
const payload = { type: 'shop.OrderPlaced', framed: Uint8Array.of(0, 0, 0, 0, 1, 65) };

const place = { topic: 'shop.orders', partition: 3, offset: 2n ** 60n };
const waiting: WaitingEvent = {
  record: {
    ...place,
    key: Uint8Array.from(Buffer.from('orders/42 ü')),
    value: Uint8Array.of(0, 255, 254),
    headers: { ce_id: Uint8Array.of(0xff, 0xfe) },
    timestampMs: 17,
  },
  saga: 'place-order@2#9f86d081',
  untilMs: 300_017,
};

describe('a state of before there was lostInput', () => {
  const stuck = (reason: string, step?: string) =>
    readSagaState(
      Buffer.from(
        JSON.stringify({
          revision: 7,
          trace: {},
          progress: { ...progress, stuck: { reason, step } },
        }),
      ),
    ).progress;

  test.each(['internal-fault', 'too-large'])('has lost an input: %s (I10)', (reason) => {
    expect(stuck(reason)).toEqual({ ...progress, stuck: { reason }, lostInput: reason });
  });

  test.each([
    ['too-large', 'reserve-stock'],
    ['payload-missing', 'reserve-stock'],
    ['step-in-doubt', 'reserve-stock'],
    ['time-fault', undefined],
  ])('has lost none: %s %s', (reason, step) => {
    expect(stuck(reason, step)).not.toHaveProperty('lostInput');
  });
});

describe('what is written to troupe.state is read back', () => {
  test('a saga', () => {
    const { revision, trace } = entry;
    const read = readStateRecord(asRead(sagaRecord(3, entry)));
    expect(read).toEqual({ kind: 'saga', key, state: expect.any(Uint8Array) });
    const state = read.kind === 'saga' ? (read.state ?? new Uint8Array()) : new Uint8Array();
    expect(readSagaState(state)).toEqual({ revision, trace, progress });
  });

  test('a payload whose event id and saga id have slashes', () => {
    const record = asRead(payloadRecord(3, key, 'a/b/ä', payload));
    expect(readStateRecord(record)).toEqual({
      kind: 'payload',
      sagaKey: key,
      name: 'a/b/ä',
      payload,
    });
  });

  test('a payload that is named by type and id', () => {
    const name = 'shop.OrderPlaced\na/b';
    const record = asRead(payloadRecord(3, key, name, payload));
    expect(readStateRecord(record)).toEqual({ kind: 'payload', sagaKey: key, name, payload });
    const tombstone = asRead(payloadTombstone(3, key, name));
    expect(tombstone.key).toEqual(record.key);
  });

  test('a payload as every version wrote it', () => {
    const { key: written } = payloadRecord(3, key, 'e-1', payload);
    expect(written).toBe('payload/e-1/place-order/orders/42 ü');
  });

  test('input offsets beyond the safe integers', () => {
    const offsets = new Map([['shop', 2n ** 60n]]);
    const read = readStateRecord(asRead(offsetsRecord(3, offsets)));
    expect(read).toEqual({ kind: 'offsets', offsets });
  });

  test('an event that waits for its definition, whatever its bytes are', () => {
    const read = readStateRecord(asRead(waitingRecord(3, waiting)));
    expect(read).toEqual({ kind: 'waiting', place, event: waiting });
    expect(readStateRecord(asRead(waitingTombstone(3, place)))).toEqual({
      kind: 'waiting',
      place,
      event: undefined,
    });
  });

  test('a barrier', () => {
    expect(readStateRecord(asRead(barrierRecord(3, 'b-1')))).toEqual({
      kind: 'barrier',
      id: 'b-1',
    });
  });

  test('a record of somebody else is refused', () => {
    const foreign = asRead({ ...barrierRecord(3, 'b-1'), key: 'what?' });
    expect(() => readStateRecord(foreign)).toThrow('troupe.state holds a record with key "what?"');
  });
});

describe('a store restored from the records that compaction left', () => {
  test('has payloads that lie before the newest record of their saga', () => {
    const store = restore(payloadRecord(3, key, 'e-1', payload), sagaRecord(3, entry));
    expect(store.get(key)?.payloads).toEqual(new Map([['e-1', payload]]));
    expect(store.get(key)?.revision).toBe(7);
  });

  test('has the events that still wait for their definition', () => {
    const later = { ...waiting, record: { ...waiting.record, offset: place.offset + 1n } };
    const store = restore(
      waitingRecord(3, waiting),
      waitingRecord(3, later),
      waitingTombstone(3, place),
    );
    expect(store.waiting.over(() => true)).toEqual([later.record]);
    expect(store.nextTimerAtMs).toBe(waiting.untilMs);
  });

  test('has no payload that was dropped, and no saga that was forgotten', () => {
    const store = restore(
      sagaRecord(3, entry),
      payloadRecord(3, key, 'e-1', payload),
      payloadTombstone(3, key, 'e-1'),
      sagaRecord(3, newEntry('place-order', { ...progress, sagaId: 'other' }, {})),
      sagaTombstone(3, sagaKey('place-order', 'other')),
    );
    expect(store.size).toBe(1);
    expect(store.get(key)?.payloads.size).toBe(0);
  });
});

function restore(...records: OutgoingRecord[]): SagaStore {
  const store = new SagaStore(() => undefined, defaultSagaLimits, 10);
  for (const record of records) {
    const state = readStateRecord(asRead(record));
    if (state.kind !== 'offsets' && state.kind !== 'barrier') store.restore(state);
  }
  store.restored();
  return store;
}

function asRead({
  topic,
  partition = 0,
  key: text,
  value,
  headers,
}: OutgoingRecord): IncomingRecord {
  const bytes = Object.entries(headers).map(
    ([name, header]) => [name, Buffer.from(header)] as const,
  );
  return {
    topic,
    partition,
    offset: 0n,
    key: Buffer.from(text),
    value,
    headers: Object.fromEntries(bytes),
    timestampMs: 0,
  };
}
