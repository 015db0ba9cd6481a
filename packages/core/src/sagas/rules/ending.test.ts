import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';

function started(steps: Parameters<typeof graphOf>[0]['steps']): SagaScript {
  const saga = new SagaScript(graphOf({ steps }));
  saga.started();
  return saga;
}

const pair = {
  a: { after: 'start', compensates: true, conditional: true },
  b: { after: 'start', rejects: true },
};

describe('I1: a saga ends', () => {
  it('completed, when every step succeeded or is skipped', () => {
    const saga = started(pair);
    saga.skipped('a');
    expect(saga.succeeded('b')).toEqual(['b succeeded', 'ends completed']);
  });

  it('compensated, when it is doomed and everything is undone', () => {
    const saga = started(pair);
    saga.succeeded('a');
    saga.rejected('b');
    expect(saga.compensated('a')).toEqual(['a compensated', 'ends compensated']);
  });
});

describe('rule 9: a compensation that fails is stuck, too', () => {
  function undoing(): SagaScript {
    const saga = started(pair);
    saga.succeeded('a');
    saga.rejected('b');
    return saga;
  }

  it('and goes on when it succeeds after all', () => {
    const saga = undoing();
    expect(saga.compensationFailed('a')).toEqual([
      'a compensation failed',
      'stuck: compensation-failed a',
    ]);
    expect(saga.compensated('a')).toEqual(['a compensated', 'ends compensated']);
  });

  it('also when nothing is heard of it (rule 11)', () => {
    const saga = undoing();
    expect(saga.pass(300_000)).toEqual([
      'a compensation timed out',
      'stuck: compensation-timed-out a',
    ]);
    expect(saga.compensationFailed('a')).toEqual([
      'a compensation failed',
      'stuck: compensation-failed a',
    ]);
    expect(saga.compensated('a')).toEqual(['a compensated', 'ends compensated']);
  });
});

describe('rule 10: after the pivot a contradiction is stuck', () => {
  const voyage = {
    reserve: { after: 'start', compensates: true, rejects: true },
    ship: { after: ['reserve', 'start'], pivot: true, rejects: true },
    notify: { after: 'ship' },
  };

  function shipped(): SagaScript {
    const saga = started(voyage);
    saga.succeeded('reserve');
    saga.succeeded('ship');
    return saga;
  }

  it('of two outcomes', () => {
    expect(shipped().rejected('reserve')).toEqual([
      'reserve rejected',
      'deviation: contradictory-outcomes',
      'stuck: contradictory-outcomes reserve',
    ]);
  });

  it('of a pivot that was refused, and happened', () => {
    const saga = started(voyage);
    saga.succeeded('reserve');
    expect(saga.rejected('ship')).toContain('undo reserve');
    expect(saga.succeeded('ship')).toContain('stuck: contradictory-outcomes reserve');
  });

  it('of an undoing with a saga that goes forward', () => {
    expect(shipped().compensated('reserve')).toEqual([
      'reserve compensated',
      'deviation: unexpected-event',
      'stuck: contradictory-outcomes reserve',
    ]);
  });

  it('while the steps after the pivot still come to their end', () => {
    const saga = shipped();
    saga.rejected('reserve');
    expect(saga.succeeded('notify')).toEqual(['notify succeeded']);
    expect(saga.progress).toMatchObject({
      phase: 'running',
      stuck: { reason: 'contradictory-outcomes' },
    });
  });
});

describe('rule 9: what a succeeded pivot finds beside it and cannot mend is stuck', () => {
  const beside = {
    reserve: { after: 'start', compensates: true },
    ship: { after: 'reserve', pivot: true },
    log: { after: 'start', rejects: true },
  };

  it('a refusal that nobody handles', () => {
    const saga = started(beside);
    saga.succeeded('reserve');
    saga.succeeded('ship');
    expect(saga.rejected('log')).toEqual(['log rejected', 'stuck: rejected-beside-pivot log']);
  });

  it('a step that was cancelled before', () => {
    const saga = started({ ...beside, print: { after: 'start' } });
    saga.failed('log');
    saga.skipped('print', 'cancelled');
    saga.succeeded('reserve');
    saga.succeeded('ship');
    expect(saga.progress?.stuck?.reason).toBe('cancelled-before-pivot');
  });
});

describe('rule 12: a late success reopens an ended saga as stuck', () => {
  function compensated(): SagaScript {
    const saga = started(pair);
    saga.rejected('b');
    saga.pass(1_000);
    saga.compensatedInDoubt('a');
    expect(saga.story.at(-1)).toBe('ends compensated');
    return saga;
  }

  it('and leaves it so', () => {
    const saga = compensated();
    expect(saga.succeeded('a')).toEqual([
      'a succeeded',
      'deviation: late-outcome',
      'stuck: late-success a',
    ]);
    expect(saga.progress?.phase).toBe('running');
    expect(saga.nextTimerAtMs).toBeUndefined();
    expect(saga.pass(10_000_000)).toEqual([]);
  });

  it('once: a second delivery changes nothing', () => {
    const saga = compensated();
    saga.succeeded('a');
    expect(saga.succeeded('a')).toEqual([]);
  });

  it('also a completed one, which is not doomed by it', () => {
    const saga = started(pair);
    saga.skipped('a');
    saga.succeeded('b');
    expect(saga.succeeded('a')).toEqual([
      'a succeeded',
      'deviation: late-outcome',
      'stuck: late-success a',
    ]);
    expect(saga.progress?.doom).toBeUndefined();
  });
});

describe('rule 12: what follows from its own requests is expected after the end', () => {
  it('the answer of a participant that lay behind', () => {
    const saga = started(pair);
    saga.rejected('b');
    saga.pass(1_000);
    saga.skipped('a', 'cancelled');
    expect(saga.progress?.phase).toBe('compensated');
    expect(saga.compensatedInDoubt('a')).toEqual(['a compensated in doubt']);
    expect(saga.skipped('a')).toEqual(['a skipped (condition)']);
    expect(saga.progress).toMatchObject({ phase: 'compensated', deviations: 0 });
  });

  it('a failure before the attempt that succeeded', () => {
    const saga = started({ ship: { after: 'start', pivot: true }, notify: { after: 'ship' } });
    saga.succeeded('ship');
    saga.pass(1_000);
    saga.passNextTimer();
    expect(saga.succeeded('notify')).toContain('ends completed');
    expect(saga.failed('notify')).toEqual(['notify failed in doubt']);
    expect(saga.progress?.phase).toBe('completed');
  });
});

describe('I1: what waits for nothing is stuck', () => {
  it('a step that was not heard of, while what it triggered was', () => {
    const saga = started({
      a: { after: 'start', compensates: true },
      b: { after: 'a', compensates: true },
      z: { after: 'start', rejects: true },
    });
    saga.succeeded('b');
    expect(saga.rejected('z')).toEqual(['z rejected', 'doomed: rejected z', 'cancel a']);
    expect(saga.pass(1_000)).toEqual(['a timed out', 'stuck: step-in-doubt a']);
    expect(saga.succeeded('a')).toEqual(['a succeeded', 'undo b', 'resumed']);
  });

  it('also when its participant never ran it', () => {
    const saga = started({
      a: { after: 'start' },
      b: { after: 'a', compensates: true },
      z: { after: 'start', rejects: true },
    });
    saga.succeeded('b');
    saga.rejected('z');
    saga.pass(1_000);
    expect(saga.skipped('a', 'cancelled')).toEqual(['a skipped (cancelled)', 'undo b', 'resumed']);
  });

  it('a step that somebody claims to have failed to undo, and that nothing triggers', () => {
    const saga = started({
      ship: { after: 'start', pivot: true },
      wrap: { after: 'start', conditional: true },
      tie: { after: 'wrap', compensates: true },
    });
    saga.succeeded('ship');
    saga.compensationFailed('tie');
    expect(saga.skipped('wrap')).toEqual(['wrap skipped (condition)', 'stuck: step-in-doubt tie']);
  });

  it('a request that could not be made, until the step is heard of or timed out', () => {
    const saga = started({
      a: { after: 'start' },
      b: { after: ['start', 'a'] },
      c: { after: 'a' },
    });
    saga.succeeded('a');
    expect(saga.requestImpossible('b', 'too-large')).toEqual(['stuck: too-large b']);
    expect(saga.requestImpossible('b', 'too-large')).toEqual([]);
    expect(saga.succeeded('c')).toEqual(['c succeeded']);
    expect(saga.progress?.stuck?.reason).toBe('too-large');
    expect(saga.pass(1_000)).toContain('doomed: timed-out b');
  });

  it('an input that was lost, to the end, also where it is stuck with something else meanwhile', () => {
    const steps = {
      ship: { after: 'start', pivot: true },
      notify: { after: 'ship' },
      archive: { after: 'ship' },
    };
    const saga = new SagaScript(graphOf({ steps }), { retriesMax: 0 });
    saga.started();
    expect(saga.inputLost('internal-fault')).toEqual(['stuck: internal-fault']);
    expect(saga.succeeded('ship')).toEqual(['ship succeeded']);
    expect(saga.failed('notify')).toContain('stuck: failed-after-pivot notify');
    expect(saga.inputLost('internal-fault')).toEqual([]);
    expect(saga.succeeded('notify')).toEqual(['notify succeeded', 'stuck: internal-fault']);
    expect(saga.succeeded('archive')).toEqual(['archive succeeded', 'ends completed']);
  });

  it('what follows from a time limit, until it can be carried out', () => {
    const saga = started({ a: { after: 'start', compensates: true } });
    expect(saga.timeFault()).toEqual(['stuck: time-fault']);
    expect(saga.timeFault()).toEqual([]);
    const events = saga.passNextTimer();
    expect(events).toContain('doomed: timed-out a');
    expect(events.at(-1)).toBe('resumed');
    expect(saga.progress?.lostInput).toBeUndefined();
  });

  it('not where it has not begun, or has ended', () => {
    const saga = new SagaScript(graphOf({ steps: { a: { after: 'start' } } }));
    const trouble = () => [...saga.inputLost('too-large'), ...saga.timeFault()];
    expect(trouble()).toEqual([]);
    saga.succeeded('a');
    expect(trouble()).toEqual([]);
    saga.started();
    expect(trouble()).toEqual([]);
    expect(saga.progress?.phase).toBe('completed');
  });
});
