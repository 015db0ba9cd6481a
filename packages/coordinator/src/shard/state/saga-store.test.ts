import { defaultSagaLimits, evolve, type Progress, type SagaGraph } from '@troupe/core/internal';
import { graphOf } from '@troupe/testing/saga-script';
import { describe, expect, test } from 'vitest';
import { newEntry, sagaKey } from './saga-entry.ts';
import { sagaState } from './saga-state.ts';
import { SagaStore } from './saga-store.ts';

const graph = graphOf({ steps: { reserve: { after: 'start' } } });
const saga = `${graph.name}@${graph.version}#${graph.hash}` as const;

function started(sagaId: string, deadlineMs: number): Progress {
  const start = { type: 'saga-started', saga, sagaId, eventId: 'e', stamped: true } as const;
  const progress = evolve(undefined, { ...start, deadlineMs, atMs: 0 });
  if (progress === undefined) throw new Error('a start begins a saga');
  return progress;
}

describe('invariant 3: stale timers do not pile up', () => {
  test('however often the time of a saga changes', () => {
    const store = new SagaStore(() => graph, defaultSagaLimits, 10);
    const key = sagaKey(graph.name, 's');
    const entry = newEntry(graph.name, started('s', 900), {});
    store.begin(key, entry);
    for (let at = 0; at < 10_000; at += 1) {
      entry.progress = started('s', 900 - (at % 800));
      store.schedule(key, entry, graph);
    }
    expect(store.timerCount).toBeLessThanOrEqual(1_000 + 2);
    const due = [...store.takeDue(1_000_000)].map(([dueKey]) => dueKey);
    expect(due).toEqual([key]);
  });
});

describe('a saga that is restored before its definition is known', () => {
  test('gets its timer when that comes', () => {
    let known: SagaGraph | undefined;
    const store = new SagaStore(() => known, defaultSagaLimits, 10);
    const progress = started('s', 900);
    const key = sagaKey(graph.name, 's');
    const entry = { ...newEntry(graph.name, progress, {}), revision: 1 };
    store.restore({ kind: 'saga', key, state: sagaState(entry) });
    store.restored();
    expect([store.withoutDefinition, store.nextTimerAtMs]).toEqual([1, undefined]);
    known = graph;
    expect(store.setMissingTimers()).toBe(0);
    expect([store.withoutDefinition, store.nextTimerAtMs]).toEqual([0, 900]);
  });

  test('keeps that timer when it is the one at which the stale ones are dropped', () => {
    const late = { ...graph, hash: 'cafecafe' };
    const lateSaga = `${late.name}@${late.version}#${late.hash}` as const;
    let known: SagaGraph | undefined;
    const graphOfSaga = (ref: string) => (ref === lateSaga ? known : graph);
    const store = new SagaStore(graphOfSaga, defaultSagaLimits, 10);
    const progress: Progress = { ...started('late', 900), saga: lateSaga };
    const key = sagaKey(graph.name, 'late');
    const restored = { ...newEntry(graph.name, progress, {}), revision: 1 };
    store.restore({ kind: 'saga', key, state: sagaState(restored) });
    store.restored();
    const busy = newEntry(graph.name, started('busy', 900), {});
    store.begin(busy.key, busy);
    const timersMax = 1_000 + 2 * store.size;
    for (let at = 0; at < timersMax; at += 1) {
      busy.progress = started('busy', 900 - (at % 800));
      store.schedule(busy.key, busy, graph);
    }
    expect(store.timerCount).toBe(timersMax);
    known = late;
    store.setMissingTimers();
    expect(store.timerCount).toBe(store.size);
    const due = [...store.takeDue(1_000_000)].map(([dueKey]) => dueKey);
    expect(due.sort()).toEqual([busy.key, key].sort());
  });
});

test('a saga of which only payloads are restored yet is not there', () => {
  const store = new SagaStore(() => graph, defaultSagaLimits, 10);
  const key = sagaKey(graph.name, 's');
  const payload = { type: 'shop.Placed', framed: Uint8Array.of(0) };
  store.restore({ kind: 'payload', sagaKey: key, name: 'e', payload });
  expect(store.get(key)).toBeUndefined();
  const entry = newEntry(graph.name, started('s', 900), {});
  store.restore({ kind: 'saga', key, state: sagaState(entry) });
  expect(store.get(key)?.payloads).toEqual(new Map([['e', payload]]));
});

describe('invariant 4: only so many sagas are objects', () => {
  const payload = { type: 'shop.Placed', framed: Uint8Array.of(0, 0, 0, 0, 1, 255) };

  test('a saga that was packed comes back as it was, and changes of it are kept', () => {
    const store = new SagaStore(() => graph, defaultSagaLimits, 2);
    const ids = ['a', 'ü/\n', 'ж', 'd', 'e'];
    for (const [index, id] of ids.entries()) {
      const entry = newEntry(graph.name, started(id, 900 + index), { traceparent: '00-1' });
      store.begin(entry.key, entry);
      entry.revision = index;
      entry.payloads.set('e 1/ü', payload);
      store.schedule(entry.key, entry, graph);
      expect(store.liveCount).toBe(Math.min(index + 1, 2));
    }
    for (const [index, id] of ids.entries()) {
      const entry = store.get(sagaKey(graph.name, id));
      expect(entry).toEqual({
        ...newEntry(graph.name, started(id, 900 + index), { traceparent: '00-1' }),
        revision: index,
        dueMs: 900 + index,
        payloads: new Map([['e 1/ü', payload]]),
        // The bytes of a state that was read are known.
        stateBytesMax: expect.any(Number),
      });
      expect(store.liveCount).toBe(2);
      if (entry !== undefined) entry.revision = 100 + index;
    }
    expect(ids.map((id) => store.get(sagaKey(graph.name, id))?.revision)).toEqual([
      100, 101, 102, 103, 104,
    ]);
  });

  test('those that were used last are', () => {
    const store = new SagaStore(() => graph, defaultSagaLimits, 2);
    const [a, b, c] = ['a', 'b', 'c'].map((id) => newEntry(graph.name, started(id, 900), {}));
    for (const entry of [a, b]) if (entry !== undefined) store.begin(entry.key, entry);
    expect(store.get(sagaKey(graph.name, 'a'))).toBe(a);
    if (c !== undefined) store.begin(c.key, c);
    expect(store.get(sagaKey(graph.name, 'a'))).toBe(a);
    expect(store.get(sagaKey(graph.name, 'b'))).not.toBe(b);
  });

  test('a packed saga is due as any other, and one that was forgotten never', () => {
    const store = new SagaStore(() => graph, defaultSagaLimits, 1);
    for (const id of ['a', 'b', 'c']) {
      const entry = newEntry(graph.name, started(id, 900), {});
      store.begin(entry.key, entry);
      store.schedule(entry.key, entry, graph);
    }
    store.forget(sagaKey(graph.name, 'b'));
    const due = [...store.takeDue(1_000_000)].map(([key]) => key);
    expect(due.sort()).toEqual([sagaKey(graph.name, 'a'), sagaKey(graph.name, 'c')]);
    expect([...store.takeDue(1_000_000)]).toEqual([]);
  });
});
