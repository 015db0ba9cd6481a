import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';

function started(steps: Parameters<typeof graphOf>[0]['steps']): SagaScript {
  const saga = new SagaScript(graphOf({ steps }));
  saga.started();
  return saga;
}

describe('rule 7: a doomed saga undoes every succeeded compensable step, in reverse order', () => {
  it('one after the other where they depend on each other', () => {
    const saga = started({
      a: { after: 'start', compensates: true },
      b: { after: 'a', compensates: true },
      c: { after: 'b', rejects: true },
    });
    saga.succeeded('a');
    saga.succeeded('b');
    expect(saga.rejected('c')).toEqual(['c rejected', 'doomed: rejected c', 'undo b']);
    expect(saga.compensated('b')).toEqual(['b compensated', 'undo a']);
    expect(saga.compensated('a')).toEqual(['a compensated', 'ends compensated']);
  });

  it('in parallel where they do not', () => {
    const saga = started({
      a: { after: 'start', compensates: true },
      b: { after: 'start', compensates: true },
      c: { after: ['a', 'b'], rejects: true },
    });
    saga.succeeded('a');
    saga.succeeded('b');
    expect(saga.rejected('c')).toEqual(['c rejected', 'doomed: rejected c', 'undo b', 'undo a']);
    expect(saga.compensated('a')).toEqual(['a compensated']);
    expect(saga.compensated('b')).toEqual(['b compensated', 'ends compensated']);
  });

  it('across a step that has nothing to undo', () => {
    const saga = started({
      a: { after: 'start', compensates: true },
      look: { after: 'a' },
      b: { after: 'look', compensates: true },
      c: { after: 'b', rejects: true },
    });
    for (const step of ['a', 'look', 'b']) saga.succeeded(step);
    expect(saga.rejected('c')).toContain('undo b');
    expect(saga.story).not.toContain('undo a');
    expect(saga.compensated('b')).toEqual(['b compensated', 'undo a']);
  });

  it('asks once (I3)', () => {
    const saga = started({
      a: { after: 'start', compensates: true },
      b: { after: 'start', rejects: true },
      c: { after: 'start' },
    });
    saga.succeeded('a');
    saga.rejected('b');
    saga.failed('c');
    expect(saga.story.filter((text) => text === 'undo a')).toHaveLength(1);
  });

  it('each success by itself: one that was read late is undone as well (I3)', () => {
    const saga = started({
      a: { after: 'start', compensates: true },
      b: { after: 'start', rejects: true },
    });
    saga.rejected('b');
    saga.succeeded('a', { eventId: 'one' });
    expect(saga.succeeded('a', { eventId: 'two' })).toContain('undo a');
    expect(saga.compensated('a', 'one')).toEqual(['a compensated']);
    expect(saga.compensated('a', 'two')).toEqual(['a compensated', 'ends compensated']);
  });

  it('does nothing before the first success, and ends', () => {
    const saga = started({ a: { after: 'start', rejects: true, compensates: true } });
    expect(saga.rejected('a')).toEqual(['a rejected', 'doomed: rejected a', 'ends compensated']);
  });
});

describe('rule 7: compensation never overtakes', () => {
  const chain = {
    a: { after: 'start', compensates: true },
    b: { after: 'a', compensates: true },
    c: { after: 'b', compensates: true },
    z: { after: 'start', rejects: true },
  };

  it('what a success triggered and may still run is cancelled, and waited for', () => {
    const saga = started(chain);
    saga.succeeded('a');
    expect(saga.rejected('z')).toEqual(['z rejected', 'doomed: rejected z', 'cancel b']);
    expect(saga.skipped('b', 'cancelled')).toEqual(['b skipped (cancelled)', 'undo a']);
  });

  it('also when it succeeds in spite of that, and triggers a further step', () => {
    const saga = started(chain);
    saga.succeeded('a');
    saga.rejected('z');
    expect(saga.succeeded('b')).toEqual(['b succeeded', 'cancel c']);
    expect(saga.succeeded('c')).toEqual(['c succeeded', 'undo c']);
    expect(saga.compensated('c')).toEqual(['c compensated', 'undo b']);
    expect(saga.compensated('b')).toEqual(['b compensated', 'undo a']);
  });

  it('a step that was refused is as good as ended', () => {
    const saga = started({ ...chain, b: { after: 'a', compensates: true, rejects: true } });
    saga.succeeded('a');
    expect(saga.rejected('b')).toEqual(['b rejected', 'doomed: rejected b', 'cancel z', 'undo a']);
  });

  it('a step that is triggered by an outcome which another one outweighs runs as well', () => {
    const saga = started({
      a: { after: 'start', rejects: true, compensates: true },
      b: { after: 'a.rejected', compensates: true },
    });
    saga.rejected('a');
    expect(saga.succeeded('a')).toEqual([
      'a succeeded',
      'deviation: contradictory-outcomes',
      'doomed: contradictory-outcomes a',
      'cancel b',
    ]);
    expect(saga.succeeded('b')).toEqual(['b succeeded', 'undo b']);
    expect(saga.compensated('b')).toEqual(['b compensated', 'undo a']);
  });

  it('a step whose success was read before what triggered it is undone when its inputs are known', () => {
    const saga = started(chain);
    saga.succeeded('b');
    expect(saga.rejected('z')).toEqual([
      'z rejected',
      'doomed: rejected z',
      'cancel c',
      'cancel a',
    ]);
    expect(saga.skipped('c', 'cancelled')).toEqual(['c skipped (cancelled)']);
    expect(saga.succeeded('a')).toEqual(['a succeeded', 'undo b']);
  });

  it('is over only when nothing that was begun can still succeed', () => {
    const saga = started({ a: { after: 'start' }, b: { after: 'start', rejects: true } });
    expect(saga.rejected('b')).toEqual(['b rejected', 'doomed: rejected b', 'cancel a']);
    expect(saga.skipped('a', 'cancelled')).toEqual(['a skipped (cancelled)', 'ends compensated']);
  });
});

describe('rule 8: a compensable step in doubt is undone, without output', () => {
  const pair = {
    a: { after: 'start', compensates: true, rejects: true },
    b: { after: 'start', rejects: true },
  };

  it('when its attempts were used up', () => {
    const saga = started(pair);
    saga.succeeded('b');
    expect(saga.failed('a')).toEqual(['a failed in doubt', 'doomed: failed a', 'undo a in doubt']);
    expect(saga.compensatedInDoubt('a')).toEqual(['a compensated in doubt', 'ends compensated']);
  });

  it('but not when the handler said that nothing happened', () => {
    const saga = started(pair);
    saga.succeeded('b');
    expect(saga.failedNotDone('a')).toEqual(['a failed', 'doomed: failed a', 'ends compensated']);
  });

  it('also when an earlier attempt was in doubt, and only the last one was not', () => {
    const saga = started(pair);
    saga.failed('a', { eventId: 'first' });
    saga.failedNotDone('a', { eventId: 'last' });
    expect(saga.progress?.steps['a']?.failure?.inDoubt).toBe(true);
    expect(saga.compensatedInDoubt('a')).not.toContain('ends compensated');
    expect(saga.skipped('b', 'cancelled')).toContain('ends compensated');
  });

  it('when it timed out', () => {
    const saga = started(pair);
    saga.succeeded('b');
    expect(saga.pass(1_000)).toEqual(['a timed out', 'doomed: timed-out a', 'undo a in doubt']);
  });

  it('until its participant answers with what it has written down', () => {
    const answers = {
      succeeded: ['a succeeded', 'undo a'],
      rejected: ['a rejected', 'ends compensated'],
      skipped: ['a skipped (condition)', 'ends compensated'],
    } as const;
    for (const [answer, consequences] of Object.entries(answers)) {
      const saga = started(pair);
      saga.succeeded('b');
      saga.pass(1_000);
      const happen = saga[answer as keyof typeof answers].bind(saga);
      expect(happen('a')).toEqual(consequences);
    }
  });

  it('a step that cannot be undone is only made sure not to run', () => {
    const saga = started(pair);
    saga.succeeded('a');
    expect(saga.pass(1_000)).toEqual([
      'b timed out',
      'doomed: timed-out b',
      'cancel b',
      'undo a',
      'stuck: step-in-doubt b',
    ]);
    expect(saga.compensated('a')).toEqual(['a compensated']);
    expect(saga.skipped('b', 'cancelled')).toEqual(['b skipped (cancelled)', 'ends compensated']);
  });
});

describe('rule 9: once a pivot was triggered nothing is undone until it surely did not happen', () => {
  const voyage = {
    reserve: { after: 'start', compensates: true },
    ship: { after: 'reserve', rejects: true, pivot: true },
    log: { after: 'start' },
  };

  function doomedWhileShipping(): SagaScript {
    const saga = started(voyage);
    saga.succeeded('reserve');
    expect(saga.failed('log')).toEqual([
      'log failed in doubt',
      'doomed: failed log',
      'cancel ship',
    ]);
    return saga;
  }

  it('rejected', () => {
    expect(doomedWhileShipping().rejected('ship')).toEqual(['ship rejected', 'undo reserve']);
  });

  it('durably cancelled', () => {
    expect(doomedWhileShipping().skipped('ship', 'cancelled')).toEqual([
      'ship skipped (cancelled)',
      'undo reserve',
    ]);
  });

  it('failed without doubt', () => {
    expect(doomedWhileShipping().failedNotDone('ship')).toEqual(['ship failed', 'undo reserve']);
  });

  it('but not failed in doubt: the saga is stuck, until somebody knows', () => {
    const saga = doomedWhileShipping();
    expect(saga.failed('ship')).toEqual(['ship failed in doubt', 'stuck: pivot-in-doubt ship']);
    expect(saga.succeeded('ship')).toEqual(['ship succeeded', 'resumed']);
  });

  it('nor timed out', () => {
    const saga = doomedWhileShipping();
    expect(saga.pass(1_000)).toEqual(['ship timed out', 'stuck: pivot-in-doubt ship']);
    expect(saga.skipped('ship', 'cancelled')).toEqual([
      'ship skipped (cancelled)',
      'undo reserve',
      'resumed',
    ]);
    expect(saga.compensated('reserve')).toEqual(['reserve compensated', 'ends compensated']);
  });

  it('and nothing beside it is cancelled, because its success would save the saga', () => {
    const saga = started({ ...voyage, print: { after: 'start' } });
    saga.succeeded('reserve');
    expect(saga.failed('log')).not.toContain('cancel print');
    saga.succeeded('ship');
    saga.succeeded('print');
    saga.passNextTimer();
    expect(saga.succeeded('log')).toEqual(['log succeeded', 'ends completed']);
  });

  it('what runs beside it is cancelled when it did not happen', () => {
    const saga = started({ ...voyage, print: { after: 'start' } });
    saga.succeeded('reserve');
    saga.failed('log');
    expect(saga.rejected('ship')).toEqual(['ship rejected', 'cancel print', 'undo reserve']);
  });

  it('a pivot that was never triggered holds nothing up', () => {
    const saga = started({
      reserve: { after: 'start', compensates: true },
      log: { after: 'start' },
      ship: { after: ['reserve', 'log'], pivot: true },
    });
    saga.succeeded('reserve');
    expect(saga.failedNotDone('log')).toEqual(['log failed', 'doomed: failed log', 'undo reserve']);
  });
});
