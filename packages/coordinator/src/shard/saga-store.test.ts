import { defaultSagaLimits, evolve, type Progress, type SagaGraph } from '@troupe/core/internal';
import { graphOf } from '@troupe/testing/saga-script';
import { describe, expect, test } from 'vitest';
import { newEntry, sagaKey } from './saga-entry.ts';
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
    const store = new SagaStore(() => graph, defaultSagaLimits);
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
    const store = new SagaStore(() => known, defaultSagaLimits);
    const progress = started('s', 900);
    const key = sagaKey(graph.name, 's');
    const stored = { name: graph.name, sagaId: 's', revision: 1, trace: {}, progress };
    store.restore({ kind: 'saga', key, saga: stored });
    store.restored();
    expect([store.withoutDefinition, store.nextTimerAtMs]).toEqual([1, undefined]);
    known = graph;
    expect(store.findDefinitions()).toBe(0);
    expect([store.withoutDefinition, store.nextTimerAtMs]).toEqual([0, 900]);
  });
});
