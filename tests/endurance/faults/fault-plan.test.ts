import { describe, expect, test } from 'vitest';
import { faultKinds, planFaults } from './fault-plan.ts';

const parts = {
  service: ['order', 'payment'],
  coordinator: ['coordinator-1', 'coordinator-2'],
  broker: ['broker-1', 'broker-2', 'broker-3'],
};

describe('planFaults', () => {
  test('the seed alone decides', () => {
    expect(planFaults(7, 50, parts)).toEqual(planFaults(7, 50, parts));
    expect(planFaults(7, 50, parts)).not.toEqual(planFaults(8, 50, parts));
  });

  test('a longer plan begins as a shorter one does', () => {
    expect(planFaults(7, 200, parts).slice(0, 20)).toEqual(planFaults(7, 20, parts));
  });

  test('every kind comes as often as the others, give or take one', () => {
    const counts = Map.groupBy(planFaults(3, 200, parts), ({ kind }) => kind);
    expect([...counts.keys()].sort()).toEqual([...faultKinds].sort());
    for (const [, faults] of counts) expect([22, 23]).toContain(faults.length);
  });

  test('every part is hit, by what is meant for its kind', () => {
    const plan = planFaults(3, 200, parts);
    for (const { kind, action, target } of plan) {
      const [word, , part = ''] = kind.split(' ');
      expect(action).toBe(word);
      expect(parts[part as keyof typeof parts]).toContain(target);
    }
    expect(new Set(plan.map(({ target }) => target)).size).toBe(7);
  });

  test('one comes every 10 to 20 s; past a session means longer than it', () => {
    for (const { kind, gapMs, lastsMs } of planFaults(3, 200, parts)) {
      expect(gapMs).toBeGreaterThanOrEqual(10_000);
      expect(gapMs).toBeLessThanOrEqual(20_000);
      expect(lastsMs).toBeGreaterThan(0);
      if (!kind.endsWith('past its session')) continue;
      expect(lastsMs).toBeGreaterThan(kind.includes('broker') ? 4_000 : 10_000);
    }
  });
});
