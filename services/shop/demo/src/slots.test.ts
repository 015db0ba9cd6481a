import { describe, expect, test } from 'vitest';
import { Slots } from './slots.ts';

const { signal } = new AbortController();

describe('Slots', () => {
  test('no more are taken than there are, and who waits is served in order', async () => {
    const slots = new Slots(1);
    const served: string[] = [];
    await slots.take(signal);
    const first = slots.take(signal).then(() => served.push('first'));
    const second = slots.take(signal).then(() => served.push('second'));
    await Promise.resolve();
    expect(served).toEqual([]);
    slots.give();
    await first;
    expect(served).toEqual(['first']);
    slots.give();
    await second;
    expect(served).toEqual(['first', 'second']);
  });

  test('who gives up is not served', async () => {
    const slots = new Slots(1);
    await slots.take(signal);
    const stop = new AbortController();
    const impatient = slots.take(stop.signal);
    const patient = slots.take(signal);
    stop.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    slots.give();
    await patient;
  });

  test('an aborted signal takes none', async () => {
    const slots = new Slots(1);
    await expect(slots.take(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    await slots.take(signal);
  });
});
