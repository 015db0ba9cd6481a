import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';

const graph = graphOf({
  timeoutMs: 60_000,
  steps: {
    reserve: { after: 'start', rejects: true, compensates: true, conditional: true },
    charge: { after: 'start', rejects: true, compensates: true },
    ship: { after: ['reserve?', 'charge?'], rejects: true, pivot: true, conditional: true },
    notify: { after: 'ship' },
  },
});

function started(): SagaScript {
  const saga = new SagaScript(graph);
  saga.started();
  return saga;
}

describe('rule 6: a rejection that no step depends on dooms the saga', () => {
  it('and what succeeded is undone', () => {
    const saga = started();
    saga.succeeded('reserve');
    expect(saga.rejected('charge')).toEqual([
      'charge rejected',
      'doomed: rejected charge',
      'undo reserve',
    ]);
  });

  it('and no step is requested any more', () => {
    const saga = started();
    saga.rejected('charge');
    expect(saga.succeeded('reserve')).toEqual(['reserve succeeded', 'undo reserve']);
  });

  it('but not one that some step depends on, which is a branch', () => {
    const branch = graphOf({
      steps: {
        charge: { after: 'start', rejects: true },
        invoice: { after: 'charge.rejected' },
      },
    });
    const saga = new SagaScript(branch);
    saga.started();
    expect(saga.rejected('charge')).toEqual(['charge rejected']);
    expect(saga.succeeded('invoice')).toEqual(['invoice succeeded', 'ends completed']);
  });
});

describe('rule 6: a saga whose pivot ends skipped has not reached its purpose', () => {
  it('by its condition', () => {
    const saga = started();
    saga.succeeded('reserve');
    saga.succeeded('charge');
    expect(saga.skipped('ship')).toEqual([
      'ship skipped (condition)',
      'doomed: pivot-skipped ship',
      'undo charge',
      'undo reserve',
    ]);
  });

  it('because what it requires did not come about', () => {
    const saga = new SagaScript(
      graphOf({
        steps: {
          wrap: { after: 'start', conditional: true },
          reserve: { after: 'start', compensates: true },
          ship: { after: ['wrap', 'reserve'], pivot: true },
        },
      }),
    );
    saga.started();
    saga.skipped('wrap');
    expect(saga.succeeded('reserve')).toEqual([
      'reserve succeeded',
      'doomed: pivot-skipped ship',
      'undo reserve',
    ]);
  });
});

describe('rule 8: a step that failed or timed out dooms the saga', () => {
  it('in doubt', () => {
    expect(started().failed('charge')).toContain('doomed: failed charge');
  });

  it('without doubt', () => {
    expect(started().failedNotDone('charge')).toContain('doomed: failed charge');
  });

  it('by its time limit', () => {
    const saga = started();
    saga.succeeded('reserve');
    expect(saga.pass(1_000)).toContain('doomed: timed-out charge');
  });

  it('and so does the time limit of the saga (rule 11)', () => {
    const saga = new SagaScript(
      graphOf({ timeoutMs: 500, steps: { reserve: { after: 'start', compensates: true } } }),
    );
    saga.started();
    expect(saga.pass(500)).toEqual(['timed out', 'doomed: saga-timed-out', 'cancel reserve']);
  });
});

describe('rule 10: doom is irrevocable, except by the success of the pivot', () => {
  it('stays when the doomed step succeeds after all', () => {
    const saga = started();
    saga.failed('charge');
    expect(saga.succeeded('charge')).toEqual(['charge succeeded', 'undo charge']);
  });

  it('comes also from a failure that is read after the success (I4)', () => {
    const saga = started();
    saga.succeeded('charge');
    expect(saga.failed('charge')).toContain('doomed: failed charge');
  });

  it('is outweighed by the pivot, whichever comes first', () => {
    const beside = graphOf({
      steps: {
        reserve: { after: 'start', compensates: true },
        ship: { after: 'reserve', pivot: true },
        log: { after: 'start' },
      },
    });
    const orders = [
      ['log fails', 'ship'],
      ['ship', 'log fails'],
    ];
    for (const order of orders) {
      const saga = new SagaScript(beside);
      saga.started();
      saga.succeeded('reserve');
      for (const what of order) {
        if (what === 'ship') saga.succeeded('ship');
        else saga.failed('log');
      }
      expect(saga.passNextTimer()).toEqual(['request log']);
      expect(saga.succeeded('log')).toEqual(['log succeeded', 'ends completed']);
      expect(saga.story.filter((text) => text.startsWith('undo'))).toEqual([]);
    }
  });

  it('does not come of what happens after the pivot', () => {
    const saga = started();
    saga.succeeded('reserve');
    saga.succeeded('charge');
    expect(saga.failed('notify')).toEqual(['notify failed in doubt']);
    expect(saga.succeeded('ship')).toEqual(['ship succeeded']);
  });

  it('comes of what fails in the branch that handles the rejection of the pivot', () => {
    const saga = new SagaScript(
      graphOf({
        steps: {
          reserve: { after: 'start', compensates: true },
          ship: { after: 'reserve', pivot: true, rejects: true },
          collect: { after: 'ship.rejected' },
        },
      }),
    );
    saga.started();
    saga.succeeded('reserve');
    expect(saga.failed('collect')).toEqual(['collect failed in doubt']);
    expect(saga.rejected('ship')).toEqual([
      'ship rejected',
      'doomed: failed collect',
      'undo reserve',
    ]);
  });
});

describe('rule 10: two contradictory outcomes are reported, and doom the saga before the pivot', () => {
  it.each([
    ['success and rejection', ['succeeded', 'rejected']],
    ['rejection and success', ['rejected', 'succeeded']],
    ['skip and success', ['skipped', 'succeeded']],
    ['success and skip', ['succeeded', 'skipped']],
    ['rejection and skip', ['rejected', 'skipped']],
  ] as const)('%s', (_, [first, second]) => {
    const saga = new SagaScript(
      graphOf({
        steps: {
          a: { after: 'start', rejects: true, compensates: true, conditional: true },
          b: { after: 'a.rejected' },
          c: { after: 'start' },
        },
      }),
    );
    saga.started();
    saga[first]('a');
    const events = saga[second]('a');
    expect(events).toContain('deviation: contradictory-outcomes');
    expect(events).toContain('doomed: contradictory-outcomes a');
  });

  it('two different successes, both of which are undone', () => {
    const saga = started();
    saga.succeeded('charge', { eventId: 'one' });
    expect(saga.succeeded('charge', { eventId: 'two' })).toEqual([
      'charge succeeded',
      'deviation: contradictory-outcomes',
      'doomed: contradictory-outcomes charge',
      'undo charge',
      'undo charge',
      'cancel reserve',
    ]);
  });

  it('an undoing that nobody asked for', () => {
    const saga = started();
    saga.succeeded('charge');
    expect(saga.compensated('charge')).toEqual([
      'charge compensated',
      'deviation: unexpected-event',
      'doomed: contradictory-outcomes charge',
      'cancel reserve',
    ]);
  });

  it('an answer of `cancelled` beside a success is none: the success was just not written down', () => {
    const saga = started();
    saga.succeeded('charge');
    saga.rejected('reserve');
    expect(saga.skipped('charge', 'cancelled')).toEqual(['charge skipped (cancelled)']);
  });
});
