import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimerQueue } from './timer-queue.ts';

const operation = fc.oneof(
  fc.record({ pushAtMs: fc.integer({ min: 0, max: 50 }) }),
  fc.record({ popUntilMs: fc.integer({ min: 0, max: 60 }) }),
);

test('gives out what is due, the earliest first, whatever the order of pushing and taking', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const queue = new TimerQueue<number>();
      let model: { atMs: number; key: number }[] = [];
      for (const [key, step] of operations.entries()) {
        if ('pushAtMs' in step) {
          queue.push(step.pushAtMs, key);
          model.push({ atMs: step.pushAtMs, key });
          continue;
        }
        const due = model.filter(({ atMs }) => atMs <= step.popUntilMs);
        model = model.filter(({ atMs }) => atMs > step.popUntilMs);
        const taken = [...takeAll(queue, step.popUntilMs)];
        expect(taken.map(({ atMs }) => atMs)).toEqual(due.map(({ atMs }) => atMs).sort(ascending));
        expect(new Set(taken.map(({ key }) => key))).toEqual(new Set(due.map(({ key }) => key)));
      }
      expect(queue.size).toBe(model.length);
      expect(queue.nextAtMs).toBe(model.map(({ atMs }) => atMs).sort(ascending)[0]);
    }),
    { numRuns: 500 },
  );
});

function* takeAll(queue: TimerQueue<number>, nowMs: number) {
  for (;;) {
    const due = queue.popDue(nowMs);
    if (due === undefined) return;
    yield due;
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
