import { graphOf, SagaScript } from '@troupe/testing/saga-script';
import { describe, expect, it } from 'vitest';

const graph = graphOf({
  timeoutMs: 60_000,
  steps: {
    a: { after: 'start', timeoutMs: 1_000, compensates: true, rejects: true },
    b: { after: 'a', timeoutMs: 2_000 },
    join: { after: ['a', 'b'], timeoutMs: 4_000 },
  },
});

function started(): SagaScript {
  const saga = new SagaScript(graph, { compensationTimeoutMs: 500 });
  saga.started();
  return saga;
}

describe('rule 11: a deadline is the append time of the trigger and the time limit', () => {
  it('of a step that the start triggered', () => {
    const saga = started();
    expect(saga.nextTimerAtMs).toBe(saga.nowMs + 1_000);
  });

  it('of a step that another triggered, however late its event was read', () => {
    const saga = started();
    const atMs = saga.nowMs + 10;
    saga.pass(900);
    saga.succeeded('a', { atMs });
    expect(saga.nextTimerAtMs).toBe(atMs + 2_000);
  });

  it('of a step that was requested', () => {
    const saga = started();
    saga.succeeded('a');
    saga.succeeded('b');
    expect(saga.nextTimerAtMs).toBe(saga.nowMs + 4_000);
  });

  it('of the saga', () => {
    const saga = new SagaScript({ ...graph, timeoutMs: 500 });
    saga.started();
    expect(saga.nextTimerAtMs).toBe(saga.nowMs + 500);
    expect(saga.pass(500)).toContain('timed out');
  });

  it('of a compensation', () => {
    const saga = started();
    saga.succeeded('a');
    saga.failed('b');
    expect(saga.nextTimerAtMs).toBe(saga.nowMs + 500);
    expect(saga.pass(500)).toContain('a compensation timed out');
  });

  it('counts for a step only while nothing is known of it', () => {
    const saga = started();
    saga.rejected('a');
    expect(saga.nextTimerAtMs).toBe(saga.nowMs + 60 * 60_000);
  });

  it('of a compensation in doubt counts only while there is a doubt', () => {
    const saga = started();
    saga.pass(1_000);
    expect(saga.story.at(-1)).toBe('undo a in doubt');
    expect(saga.nextTimerAtMs).toBe(saga.nowMs + 500);
    saga.succeeded('a');
    expect(saga.story.at(-1)).toBe('cancel b');
    expect(saga.nextTimerAtMs).toBe(saga.nowMs + 2_000);
  });
});

describe('rule 11: no time limit passes by itself', () => {
  it('an outcome that was appended too late still counts when it is read before time passes', () => {
    const saga = started();
    saga.nowMs += 5_000;
    expect(saga.succeeded('a')).toEqual(['a succeeded']);
    expect(saga.progress?.doom).toBeUndefined();
  });

  it('nor one that ends after what was read, however late it is', () => {
    const saga = started();
    const startedMs = saga.nowMs;
    saga.nowMs += 5_000;
    expect(saga.decide({ kind: 'time-passed', untilMs: startedMs + 999 })).toEqual([]);
    expect(saga.decide({ kind: 'time-passed', untilMs: startedMs + 1_000 })).toContain(
      'a timed out',
    );
    // What follows is dated by the clock.
    expect(saga.events.at(-1)?.atMs).toBe(startedMs + 5_000);
  });

  it('nor before its time', () => {
    const saga = started();
    expect(saga.pass(999)).toEqual([]);
    expect(saga.pass(1)).toContain('a timed out');
  });

  it('several that passed meanwhile pass at once, the earliest first', () => {
    const saga = new SagaScript(
      graphOf({
        timeoutMs: 3_000,
        steps: {
          slow: { after: 'start', timeoutMs: 2_000 },
          fast: { after: 'start', timeoutMs: 1_000 },
        },
      }),
    );
    saga.started();
    expect(saga.pass(5_000).slice(0, 4)).toEqual([
      'fast timed out',
      'slow timed out',
      'timed out',
      'doomed: timed-out slow',
    ]);
  });
});

describe('rule 9: the deadline of a saga only reports after the pivot', () => {
  it('and its steps still come to their end', () => {
    const saga = new SagaScript(
      graphOf({
        timeoutMs: 500,
        steps: {
          reserve: { after: 'start', compensates: true },
          ship: { after: 'reserve', pivot: true },
          notify: { after: 'ship' },
        },
      }),
    );
    saga.started();
    saga.succeeded('reserve');
    saga.succeeded('ship');
    expect(saga.pass(500)).toEqual(['timed out']);
    expect(saga.succeeded('notify')).toEqual(['notify succeeded', 'ends completed']);
  });
});

describe('rule 12: what is kept is kept for a time', () => {
  it('outcomes without a start', () => {
    const saga = new SagaScript(graph, { earlyRetentionMs: 100 });
    saga.succeeded('a');
    expect(saga.pass(99)).toEqual([]);
    expect(saga.pass(1)).toEqual(['forgotten: never-started']);
    expect(saga.progress).toBeUndefined();
    expect(saga.started()).toEqual(['started']);
  });

  it('the marker of an ended saga', () => {
    const saga = new SagaScript(graph, { endedRetentionMs: 100 });
    saga.started();
    saga.rejected('a');
    expect(saga.progress?.phase).toBe('compensated');
    expect(saga.pass(99)).toEqual([]);
    expect(saga.pass(1)).toEqual(['forgotten: ended']);
    expect(saga.progress).toBeUndefined();
  });
});

it('time that passes for nobody is no news', () => {
  const saga = new SagaScript(graph);
  expect(saga.pass(1_000)).toEqual([]);
  expect(saga.progress).toBeUndefined();
});
