import { describe, expect, it } from 'vitest';
import { systemClock } from '../../ports/system-clock.ts';
import { EndableTenure, Interrupted } from './tenure.ts';

describe('a tenure', () => {
  it('ends in two phases, each once', () => {
    const tenure = new EndableTenure();
    const calls: string[] = [];
    tenure.when('ending', () => calls.push('ending'));
    tenure.when('over', () => calls.push('over'));
    expect([tenure.ending, tenure.over]).toEqual([false, false]);
    tenure.beginEnding();
    tenure.beginEnding();
    expect([tenure.ending, tenure.over]).toEqual([true, false]);
    expect(calls).toEqual(['ending']);
    tenure.end();
    tenure.end();
    expect([tenure.ending, tenure.over]).toEqual([true, true]);
    expect(calls).toEqual(['ending', 'over']);
  });

  it('goes through the first phase also when it is over at once', () => {
    const tenure = new EndableTenure();
    const calls: string[] = [];
    tenure.when('ending', () => calls.push('ending'));
    tenure.end();
    expect(calls).toEqual(['ending']);
  });

  it('calls nobody who took it back, and at once who comes late', () => {
    const tenure = new EndableTenure();
    const calls: string[] = [];
    tenure.when('ending', () => calls.push('never'))();
    tenure.beginEnding();
    tenure.when('ending', () => calls.push('late'));
    expect(calls).toEqual(['late']);
  });

  it('lets a wait end at its time, or interrupts it', async () => {
    const tenure = new EndableTenure();
    await tenure.wait(systemClock, 0, 'ending');
    const waiting = tenure.wait(systemClock, 1_000_000, 'ending');
    const draining = tenure.wait(systemClock, 1_000_000, 'over');
    tenure.beginEnding();
    await expect(waiting).rejects.toBeInstanceOf(Interrupted);
    await expect(tenure.wait(systemClock, 0, 'ending')).rejects.toBeInstanceOf(Interrupted);
    tenure.end();
    await expect(draining).rejects.toBeInstanceOf(Interrupted);
  });

  it('lets a wait be woken up, and then calls nobody any more', async () => {
    const tenure = new EndableTenure();
    let wake: () => void = () => undefined;
    let forgotten = 0;
    const waiting = tenure.wait(systemClock, 1_000_000, 'ending', (given) => {
      wake = given;
      return () => {
        forgotten += 1;
      };
    });
    wake();
    await waiting;
    tenure.end();
    expect(forgotten).toBe(1);
  });
});
