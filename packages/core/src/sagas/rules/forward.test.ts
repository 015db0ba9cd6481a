import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';

describe('rule 2: a step with one dependency is triggered by that event itself', () => {
  it('is never requested', () => {
    const saga = new SagaScript(graphOf({ steps: { a: { after: 'start' }, b: { after: 'a' } } }));
    expect(saga.started()).toEqual(['started']);
    expect(saga.succeeded('a')).toEqual(['a succeeded']);
    expect(saga.succeeded('b')).toEqual(['b succeeded', 'ends completed']);
  });

  it('is requested after a start that named no saga, which triggered nobody', () => {
    const saga = new SagaScript(
      graphOf({ steps: { a: { after: 'start' }, b: { after: 'start' }, c: { after: 'a' } } }),
    );
    expect(saga.started({ stamped: false })).toEqual(['started', 'request a', 'request b']);
    expect(saga.succeeded('a')).toEqual(['a succeeded']);
  });
});

describe('rule 3: a join is requested', () => {
  const graph = graphOf({
    steps: {
      a: { after: 'start' },
      b: { after: 'start' },
      join: { after: ['a', 'b'] },
      last: { after: ['start', 'join'] },
    },
  });

  it('once, when all its dependencies are satisfied', () => {
    const saga = new SagaScript(graph);
    saga.started();
    expect(saga.succeeded('a')).toEqual(['a succeeded']);
    expect(saga.succeeded('b')).toEqual(['b succeeded', 'request join']);
    expect(saga.succeeded('b')).toEqual([]);
    expect(saga.succeeded('join')).toEqual(['join succeeded', 'request last']);
  });

  it('is not requested any more when its outcome is known already (I4)', () => {
    const saga = new SagaScript(graph);
    saga.started();
    expect(saga.succeeded('join')).toEqual(['join succeeded', 'request last']);
    saga.succeeded('a');
    expect(saga.succeeded('b')).toEqual(['b succeeded']);
  });
});

describe('rule 4: a step runs when all its dependencies are resolved and every required one is satisfied', () => {
  const graph = graphOf({
    steps: {
      charge: { after: 'start', rejects: true },
      invoice: { after: 'charge.rejected' },
      wrap: { after: 'start', conditional: true },
      ship: { after: ['charge?', 'invoice?', 'wrap?'] },
    },
  });

  it('waits for an optional dependency, too', () => {
    const saga = new SagaScript(graph);
    saga.started();
    expect(saga.succeeded('charge')).toEqual(['charge succeeded']);
    expect(saga.skipped('wrap')).toEqual(['wrap skipped (condition)', 'request ship']);
    expect(saga.succeeded('ship')).toEqual(['ship succeeded', 'ends completed']);
  });

  it('takes the branch that handles a rejection, and branches meet again (rule 6)', () => {
    const saga = new SagaScript(graph);
    saga.started();
    saga.succeeded('wrap');
    expect(saga.rejected('charge')).toEqual(['charge rejected']);
    expect(saga.succeeded('invoice')).toEqual(['invoice succeeded', 'request ship']);
  });

  it('is skipped without a required dependency, and so on down the graph', () => {
    const saga = new SagaScript(
      graphOf({
        steps: {
          wrap: { after: 'start', conditional: true },
          other: { after: 'start' },
          tie: { after: ['wrap', 'other'] },
          sign: { after: 'tie' },
          ship: { after: ['sign?', 'other'] },
        },
      }),
    );
    saga.started();
    saga.skipped('wrap');
    expect(saga.succeeded('other')).toEqual(['other succeeded', 'request ship']);
    expect(saga.succeeded('ship')).toEqual(['ship succeeded', 'ends completed']);
  });

  it('is skipped when every dependency is optional and none came about', () => {
    const saga = new SagaScript(
      graphOf({
        steps: {
          a: { after: 'start', conditional: true },
          b: { after: 'start', conditional: true },
          join: { after: ['a?', 'b?'] },
        },
      }),
    );
    saga.started();
    saga.skipped('a');
    expect(saga.skipped('b')).toEqual(['b skipped (condition)', 'ends completed']);
  });
});

describe('rule 9: after a succeeded pivot a failing step is asked for again, and then not any more', () => {
  const graph = graphOf({
    steps: {
      ship: { after: 'start', pivot: true },
      notify: { after: 'ship', timeoutMs: 5_000 },
      archive: { after: ['ship', 'notify'] },
    },
  });

  function shipped(): SagaScript {
    const saga = new SagaScript(graph, {
      retryDelayMs: 1_000,
      retryDelayMsMax: 3_000,
      retriesMax: 3,
    });
    saga.started();
    saga.succeeded('ship');
    return saga;
  }

  it('at growing intervals', () => {
    const saga = shipped();
    const intervals: number[] = [];
    for (const attempt of ['1', '2', '3']) {
      expect(saga.failed('notify', { eventId: attempt })).toEqual(['notify failed in doubt']);
      intervals.push((saga.nextTimerAtMs ?? 0) - saga.nowMs);
      expect(saga.passNextTimer()).toEqual([
        attempt === '1' ? 'request notify' : `request notify (${attempt})`,
      ]);
    }
    expect(intervals).toEqual([1_000, 2_000, 3_000]);
    expect(saga.failed('notify', { eventId: '4' })).toEqual([
      'notify failed in doubt',
      'stuck: failed-after-pivot notify',
    ]);
    expect(saga.succeeded('notify')).toEqual(['notify succeeded', 'request archive', 'resumed']);
    expect(saga.succeeded('archive')).toEqual(['archive succeeded', 'ends completed']);
  });

  it('as often for a join, whose first request is no retry', () => {
    const saga = shipped();
    saga.succeeded('notify');
    for (const attempt of [2, 3, 4]) {
      saga.failed('archive', { eventId: `${attempt}` });
      expect(saga.passNextTimer()).toEqual([`request archive (${attempt})`]);
    }
    expect(saga.failed('archive', { eventId: '5' })).toContain('stuck: failed-after-pivot archive');
  });

  it('also when it timed out', () => {
    const saga = shipped();
    expect(saga.pass(5_000)).toEqual(['notify timed out']);
    expect(saga.passNextTimer()).toEqual(['request notify']);
    expect(saga.pass(5_000)).toEqual(['notify timed out']);
  });

  it('not before its inputs are known: its failure was read before what it depends on', () => {
    const saga = shipped();
    saga.failed('archive');
    expect(saga.pass(2_000)).toEqual([]);
    expect(saga.succeeded('notify')).toEqual(['notify succeeded']);
    expect(saga.pass(0)).toEqual(['request archive']);
  });

  it('also what led to the pivot: its success may have come too early to be counted', () => {
    const saga = new SagaScript(
      graphOf({ steps: { look: { after: 'start' }, ship: { after: 'look', pivot: true } } }),
    );
    saga.started();
    saga.succeeded('ship');
    expect(saga.failed('look')).toEqual(['look failed in doubt']);
    expect(saga.passNextTimer()).toEqual(['request look']);
    expect(saga.succeeded('look')).toEqual(['look succeeded', 'ends completed']);
  });

  it('but does not doom the saga, nor is it stuck, while the pivot itself is still to be read', () => {
    const saga = new SagaScript(graph);
    saga.started();
    expect(saga.failed('notify')).toEqual(['notify failed in doubt']);
    saga.succeeded('ship');
    expect(saga.passNextTimer()).toEqual(['request notify']);
    expect(saga.progress?.doom).toBeUndefined();
  });
});
