import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';

function started(steps: Parameters<typeof graphOf>[0]['steps']): SagaScript {
  const saga = new SagaScript(graphOf({ steps }));
  saga.started();
  return saga;
}

describe('I3: an undoing that fails before anybody asked for it', () => {
  const steps = {
    a: { after: 'start', compensates: true },
    b: { after: 'start', rejects: true },
  };

  it('is asked for all the same once the step is in doubt', () => {
    const saga = started(steps);
    expect(saga.rejected('b')).toContain('cancel a');
    expect(saga.compensationFailed('a', 'doubt')).toEqual([
      'a compensation failed in doubt',
      'deviation: unexpected-event',
    ]);
    expect(saga.pass(1_000)).toEqual(['a timed out', 'undo a in doubt']);
    expect(saga.compensatedInDoubt('a')).toEqual(['a compensated in doubt', 'ends compensated']);
  });

  it('does not keep what may still run from being cancelled', () => {
    const saga = started(steps);
    saga.compensationFailed('a', 'doubt');
    expect(saga.story).not.toContain('cancel a');
    expect(saga.rejected('b')).toContain('cancel a');
  });

  it('is asked for all the same where a success comes after that', () => {
    const saga = started(steps);
    saga.compensationFailed('a', 'a-1');
    expect(saga.succeeded('a')).toEqual([
      'a succeeded',
      'doomed: contradictory-outcomes a',
      'cancel b',
      'undo a',
    ]);
  });

  it('leaves no saga stuck that does not ask for it yet', () => {
    const saga = started({
      a: { after: 'start', compensates: true },
      b: { after: 'a' },
      c: { after: 'start', rejects: true },
    });
    saga.succeeded('a');
    saga.compensationFailed('a');
    expect(saga.rejected('c')).toEqual(['c rejected']);
    expect(saga.progress?.stuck).toBeUndefined();
    expect(saga.skipped('b', 'cancelled')).toContain('undo a');
    expect(saga.compensationFailed('a')).toContain('stuck: compensation-failed a');
  });
});
