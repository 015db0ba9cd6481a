import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';
import { type SagaRef, sagaRef } from '../graph/saga-graph.ts';
import type { Progress } from '../progress.ts';
import { definitionOf } from './definition.ts';

const graph = graphOf({
  steps: {
    reserve: { after: 'start', rejects: true, compensates: true, conditional: true },
    charge: { after: 'start', rejects: true },
  },
});
const other: SagaRef = `test-saga@2#${'2'.padStart(16, '0')}`;

function script(): SagaScript {
  return new SagaScript(graph, { successesMax: 2, failuresMax: 2, deviationsMax: 3 });
}

describe('rule 12: only a start begins a saga', () => {
  it('keeps an outcome that came before its start, and counts it then', () => {
    const saga = script();
    expect(saga.succeeded('reserve')).toEqual(['awaited', 'reserve succeeded']);
    expect(saga.progress?.phase).toBe('awaited');
    expect(saga.started()).toEqual(['started']);
    expect(saga.succeeded('charge')).toEqual(['charge succeeded', 'ends completed']);
  });

  it('decides nothing before the start, whatever it knows', () => {
    const saga = script();
    saga.rejected('charge');
    expect(saga.succeeded('reserve')).toEqual(['reserve succeeded']);
    expect(saga.started()).toEqual(['started', 'doomed: rejected charge', 'undo reserve']);
  });

  it('drops a second delivery of the start, and reports another start', () => {
    const saga = script();
    saga.started();
    expect(saga.started()).toEqual([]);
    expect(saga.started({ eventId: 'start-2' })).toEqual(['deviation: second-start']);
  });

  it('does not begin an ended saga again', () => {
    const saga = script();
    saga.started();
    saga.succeeded('reserve');
    saga.succeeded('charge');
    expect(saga.progress?.phase).toBe('completed');
    expect(saga.started()).toEqual([]);
    expect(saga.started({ eventId: 'start-2' })).toEqual(['deviation: second-start']);
    expect(saga.progress?.phase).toBe('completed');
  });

  it('reports what comes after the end, unless it was known', () => {
    const saga = script();
    saga.started();
    saga.succeeded('reserve');
    saga.succeeded('charge');
    expect(saga.succeeded('charge')).toEqual([]);
    expect(saga.rejected('charge')).toEqual(['charge rejected', 'deviation: late-outcome']);
    expect(saga.failed('reserve')).toEqual(['reserve failed in doubt', 'deviation: late-outcome']);
    expect(saga.compensated('reserve')).toEqual(['reserve compensated', 'deviation: late-outcome']);
    expect(saga.progress?.phase).toBe('completed');
  });
});

describe('rule 12: an event that the definition does not expect is visible, and harms nothing', () => {
  it.each([
    ['an unknown event', (saga: SagaScript) => saga.unexpected('test.Unknown')],
    ['an outcome of an unknown step', (saga: SagaScript) => saga.succeeded('nobody')],
    ['an undoing of what cannot be undone', (saga: SagaScript) => saga.compensated('charge')],
  ])('%s', (_, happen) => {
    const saga = script();
    saga.started();
    expect(happen(saga)).toEqual(['deviation: unexpected-event']);
    expect(saga.progress).toMatchObject({ phase: 'running', deviations: 1, steps: {} });
  });

  it('begins no saga by it', () => {
    const saga = script();
    expect(saga.unexpected('test.Unknown')).toEqual(['awaited', 'deviation: unexpected-event']);
    expect(saga.started()).toEqual(['started']);
  });

  it('does not count a rejection of a step that has none', () => {
    const saga = new SagaScript(graphOf({ steps: { ship: { after: 'start' } } }));
    saga.started();
    expect(saga.rejected('ship')).toEqual(['deviation: unexpected-event']);
  });
});

describe('rule 13: a saga stays on its definition', () => {
  it('takes no outcome of another version', () => {
    const saga = script();
    saga.started();
    expect(saga.rejected('charge', { saga: other })).toEqual(['deviation: other-definition']);
    expect(saga.progress?.steps).toEqual({});
  });

  it('begins on the version that the start names, whatever came before it (I1)', () => {
    const saga = script();
    const second = new SagaScript({ ...graph, version: 2, hash: '2'.padStart(16, '0') });
    saga.rejected('charge', { saga: sagaRef(graph) });
    second.progress = saga.progress;
    expect(second.started({ saga: other })).toEqual(['started', 'deviation: other-definition']);
    expect(second.progress).toMatchObject({ saga: other, phase: 'running', steps: {} });
  });

  it('is judged by its own definition, and a start by the one that it names', () => {
    const own = sagaRef(graph);
    const common = { saga: other, sagaId: 'saga-1', eventId: 'e', atMs: 0 };
    const start = { kind: 'started', ...common, stamped: true } as const;
    const outcome = { kind: 'succeeded', ...common, step: 'reserve' } as const;
    const saga = script();
    expect(definitionOf(saga.progress, outcome)).toBe(other);
    saga.succeeded('reserve');
    expect(definitionOf(saga.progress, start)).toBe(other);
    expect(definitionOf(saga.progress, outcome)).toBe(other);
    saga.started();
    expect(definitionOf(saga.progress, outcome)).toBe(own);
    expect(definitionOf(saga.progress, start)).toBe(own);
  });

  it.each([
    ['before', [1, 2]],
    ['after', [2, 1]],
  ] as const)(
    'counts what came early of the definition that it begins on, %s what came of another one (I4)',
    (_, order) => {
      const scripts = { 1: script(), 2: new SagaScript({ ...graph, version: 2 }) };
      let progress: Progress | undefined;
      const by = (version: 1 | 2, happen: (saga: SagaScript) => string[]) => {
        scripts[version].progress = progress;
        const told = happen(scripts[version]);
        ({ progress } = scripts[version]);
        return told;
      };
      for (const version of order) {
        expect(
          by(version, (saga) => saga.succeeded('reserve', { eventId: `by ${version}` })),
        ).toEqual(['awaited', 'reserve succeeded']);
      }
      for (const version of order) {
        expect(
          by(version, (saga) => saga.succeeded('reserve', { eventId: `by ${version}` })),
        ).toEqual([]);
      }
      expect(by(1, (saga) => saga.started())).toEqual(['started', 'deviation: other-definition']);
      expect(progress).toMatchObject({ saga: sagaRef(graph), phase: 'running' });
      expect(progress?.steps).toEqual({
        reserve: { successes: ['by 1'], resolvedAtMs: expect.any(Number) },
      });
      expect(progress).not.toHaveProperty('otherDefinitions');
    },
  );

  it('waits for its start from the first early outcome on, of whatever definition', () => {
    const saga = script();
    saga.succeeded('charge');
    const sinceMs = saga.progress?.sinceMs;
    const second = new SagaScript({ ...graph, version: 2 });
    second.progress = saga.progress;
    second.nowMs = saga.nowMs;
    second.succeeded('charge');
    expect(second.progress).toMatchObject({ phase: 'awaited', sinceMs });
  });

  it('reports a stranger once, and nothing of it at the start', () => {
    const saga = script();
    const second = new SagaScript({ ...graph, version: 2 });
    second.unexpected('test.Unknown');
    saga.progress = second.progress;
    expect(saga.started()).toEqual(['started']);
  });

  it('does not begin on a definition that is not the one at hand', () => {
    const saga = script();
    expect(saga.started({ saga: other })).toEqual(['deviation: other-definition']);
    expect(saga.progress).toBeUndefined();
  });
});

describe('I4: a duplicate changes nothing', () => {
  it.each([
    ['success', (saga: SagaScript) => saga.succeeded('reserve')],
    ['rejection', (saga: SagaScript) => saga.rejected('reserve')],
    ['failure', (saga: SagaScript) => saga.failed('reserve')],
    ['skip', (saga: SagaScript) => saga.skipped('reserve')],
    ['undoing', (saga: SagaScript) => saga.compensated('reserve')],
    ['failed undoing', (saga: SagaScript) => saga.compensationFailed('reserve')],
  ])('of a %s', (_, happen) => {
    const saga = script();
    happen(saga);
    const before = saga.progress;
    expect(happen(saga)).toEqual([]);
    expect(saga.progress).toBe(before);
  });

  it('of a refusal under another id, whichever came first', () => {
    const ids = ['charge-a', 'charge-b'];
    const ends = [ids, [...ids].reverse()].map((order) => {
      const saga = script();
      saga.started();
      order.forEach((eventId, index) => {
        saga.rejected('charge', { eventId, atMs: 5_000 - index });
      });
      const { progress } = saga;
      for (const eventId of ids)
        expect(saga.rejected('charge', { eventId, atMs: 5_000 })).toEqual([]);
      expect(saga.progress).toBe(progress);
      return saga.progress?.steps.charge;
    });
    const charge = { rejection: 'charge-a', resolvedAtMs: 4_999 };
    expect(ends).toEqual([charge, charge]);
  });

  it('of the failure before the last', () => {
    const saga = script();
    saga.failed('reserve', { eventId: 'first' });
    saga.failed('reserve', { eventId: 'second' });
    expect(saga.failed('reserve', { eventId: 'first' })).toEqual([]);
  });
});

describe('I8: what one saga keeps is bounded', () => {
  it('keeps only so many successes of one step', () => {
    const saga = script();
    for (const eventId of ['1', '2']) saga.succeeded('reserve', { eventId });
    expect(saga.succeeded('reserve', { eventId: '3' })).toEqual(['deviation: too-many-successes']);
    expect(saga.progress?.steps['reserve']?.successes).toEqual(['1', '2']);
  });

  it('keeps only so many failures of one step', () => {
    const saga = script();
    for (const eventId of ['1', '2']) saga.failed('reserve', { eventId });
    expect(saga.failed('reserve', { eventId: '3' })).toEqual(['deviation: too-many-failures']);
  });

  it('keeps only so many undoings of one step', () => {
    const saga = script();
    for (const undoes of ['1', '2', 'doubt']) saga.compensated('reserve', undoes);
    saga.compensated('reserve', '4');
    expect(Object.keys(saga.progress?.steps['reserve']?.undoings ?? {})).toHaveLength(3);
  });

  it('writes only so many deviations down', () => {
    const saga = script();
    saga.started();
    for (const type of ['a', 'b', 'c']) saga.unexpected(type);
    expect(saga.unexpected('d')).toEqual([]);
    expect(saga.succeeded('reserve')).toEqual(['reserve succeeded']);
  });
});
