import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndableTenure, Interrupted } from '../waiting/tenure.ts';
import { HandlerSlots } from './handler-slots.ts';

type Step = 'take' | 'release' | 'abandon' | 'abandoned ends';

describe('handler slots', () => {
  it('are never given to more than there may be, and to who waited longest first', async () => {
    const steps = fc.array(
      fc.constantFrom<Step>('take', 'take', 'release', 'abandon', 'abandoned ends'),
      { maxLength: 60 },
    );
    const limits = fc.record({
      running: fc.integer({ min: 1, max: 4 }),
      abandoned: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(steps, limits, async (all, max) => {
        const slots = new HandlerSlots(max.running, max.abandoned);
        const tenure = new EndableTenure();
        let [asked, running, abandoned] = [0, 0, 0];
        const given: number[] = [];
        for (const step of all) {
          if (step === 'take') {
            const number = asked++;
            void slots.take(tenure).then(() => {
              given.push(number);
              running += 1;
            });
          } else if (step === 'release' && running > 0) {
            running -= 1;
            slots.release();
          } else if (step === 'abandon' && running > 0) {
            running -= 1;
            abandoned += 1;
            slots.abandon();
          } else if (step === 'abandoned ends' && abandoned > 0) {
            abandoned -= 1;
            slots.abandonedEnded();
          }
          await Promise.resolve();
          await Promise.resolve();
          expect(running).toBeLessThanOrEqual(max.running);
          expect(given).toEqual([...given.keys()]);
          const waits = asked > given.length;
          const isFree = running < max.running && abandoned < max.abandoned;
          expect(waits && isFree).toBe(false);
          expect(slots.abandoned).toBe(abandoned);
        }
      }),
    );
  });

  it('are not waited for any more when the tenure ends', async () => {
    const slots = new HandlerSlots(1, 1);
    const tenure = new EndableTenure();
    expect(slots.tryTake()).toBe(true);
    expect(slots.tryTake()).toBe(false);
    const waiting = slots.take(tenure);
    tenure.beginEnding();
    await expect(waiting).rejects.toBeInstanceOf(Interrupted);
    slots.release();
    expect(slots.tryTake()).toBe(true);
  });
});
