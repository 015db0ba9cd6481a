import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';

/** What docs/operations.md says of a stuck saga: what somebody may publish in a participant's place, and what it does. */
function started(steps: Parameters<typeof graphOf>[0]['steps']): SagaScript {
  const saga = new SagaScript(graphOf({ steps }), { retriesMax: 1 });
  saga.started();
  return saga;
}

const voyage = {
  reserve: { after: 'start', compensates: true },
  ship: { after: 'reserve', pivot: true, rejects: true },
  notify: { after: 'ship', rejects: true },
  log: { after: 'start', rejects: true },
};

function shipped(): SagaScript {
  const saga = started(voyage);
  saga.succeeded('reserve');
  saga.succeeded('ship');
  saga.succeeded('log');
  return saga;
}

describe('pivot-in-doubt', () => {
  function inDoubt(): SagaScript {
    const saga = started(voyage);
    saga.succeeded('reserve');
    saga.succeeded('log');
    expect(saga.failed('ship')).toContain('stuck: pivot-in-doubt ship');
    return saga;
  }

  it('is over when it succeeded, or was refused', () => {
    expect(inDoubt().succeeded('ship')).toContain('resumed');
    expect(inDoubt().rejected('ship')).toContain('undo reserve');
  });

  it('is not, where it failed, by a skip or by another failure', () => {
    const saga = inDoubt();
    expect(saga.skipped('ship', 'cancelled')).toEqual(['ship skipped (cancelled)']);
    expect(saga.failedNotDone('ship', { eventId: 'later' })).toEqual(['ship failed']);
    expect(saga.progress?.stuck?.reason).toBe('pivot-in-doubt');
  });

  it('is over by a skip where it timed out', () => {
    const saga = started(voyage);
    saga.succeeded('reserve');
    saga.succeeded('log');
    expect(saga.pass(1_000)).toContain('stuck: pivot-in-doubt ship');
    expect(saga.skipped('ship', 'cancelled')).toContain('undo reserve');
  });
});

describe('failed-after-pivot', () => {
  function givenUp(): SagaScript {
    const saga = shipped();
    saga.failed('notify', { eventId: '1' });
    saga.passNextTimer();
    expect(saga.failed('notify', { eventId: '2' })).toContain('stuck: failed-after-pivot notify');
    return saga;
  }

  it('is over when it succeeded', () => {
    expect(givenUp().succeeded('notify')).toEqual(['notify succeeded', 'ends completed']);
  });

  it('asks for nothing by itself, and is not over by a skip', () => {
    const saga = givenUp();
    saga.pass(10_000_000_000);
    expect(saga.nextTimerAtMs).toBeUndefined();
    saga.skipped('notify');
    expect(saga.progress?.stuck?.reason).toBe('failed-after-pivot');
  });

  it('is over by a skip where it timed out', () => {
    const saga = shipped();
    saga.pass(1_000);
    saga.passNextTimer();
    expect(saga.passNextTimer()).toContain('stuck: failed-after-pivot notify');
    expect(saga.skipped('notify', 'condition')).toContain('ends completed');
  });

  it('is rejected-beside-pivot when it was refused, which nothing ends', () => {
    const saga = givenUp();
    expect(saga.rejected('notify')).toContain('stuck: rejected-beside-pivot notify');
    expect(saga.succeeded('notify')).toContain('stuck: contradictory-outcomes notify');
  });
});

describe('compensation-failed', () => {
  it('asks for nothing by itself, and is over when it was undone', () => {
    const saga = started(voyage);
    saga.succeeded('reserve');
    saga.rejected('log');
    saga.rejected('ship');
    expect(saga.compensationFailed('reserve')).toContain('stuck: compensation-failed reserve');
    saga.pass(10_000_000_000);
    expect(saga.nextTimerAtMs).toBeUndefined();
    expect(saga.compensated('reserve')).toContain('ends compensated');
  });
});

describe('step-in-doubt', () => {
  function inDoubt(): SagaScript {
    const saga = started({
      a: { after: 'start' },
      b: { after: 'start', rejects: true },
    });
    saga.rejected('b');
    expect(saga.pass(1_000)).toContain('stuck: step-in-doubt a');
    return saga;
  }

  it('is over with any word on how the step ended', () => {
    expect(inDoubt().skipped('a', 'cancelled')).toContain('ends compensated');
    expect(inDoubt().failedNotDone('a')).toContain('ends compensated');
    expect(inDoubt().succeeded('a')).toContain('ends compensated');
  });
});

describe('cancelled-before-pivot', () => {
  function cancelled(): SagaScript {
    const saga = started({ ...voyage, print: { after: 'start' } });
    saga.failed('log');
    saga.skipped('print', 'cancelled');
    saga.succeeded('reserve');
    saga.succeeded('ship');
    saga.succeeded('notify');
    saga.succeeded('log');
    expect(saga.progress?.stuck).toEqual({ reason: 'cancelled-before-pivot', step: 'print' });
    return saga;
  }

  it('is over when the step was done after all, or is said not to be wanted', () => {
    expect(cancelled().succeeded('print')).toContain('ends completed');
    expect(cancelled().skipped('print', 'condition')).toContain('ends completed');
  });
});

describe('too-large and payload-missing of one step', () => {
  it.each(['too-large', 'payload-missing'] as const)('%s is over with its outcome', (reason) => {
    const saga = started({ a: { after: 'start' }, b: { after: ['start', 'a'] } });
    saga.succeeded('a');
    expect(saga.requestImpossible('b', reason)).toEqual([`stuck: ${reason} b`]);
    expect(saga.succeeded('b')).toEqual(['b succeeded', 'ends completed']);
  });
});

describe('too-large and internal-fault of an input', () => {
  it.each(['too-large', 'internal-fault'] as const)('%s stays until the end', (reason) => {
    const saga = started({ a: { after: 'start' }, b: { after: 'a' } });
    expect(saga.inputLost(reason)).toEqual([`stuck: ${reason}`]);
    expect(saga.succeeded('a')).toEqual(['a succeeded']);
    expect(saga.progress?.stuck).toEqual({ reason, step: undefined });
    expect(saga.succeeded('b')).toEqual(['b succeeded', 'ends completed']);
    expect(saga.progress?.stuck).toBeUndefined();
  });
});
