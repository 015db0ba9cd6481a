import { describe, expect, test } from 'vitest';
import { growthFault, memoryFigures } from './memory-growth.ts';

const mb = 1_048_576;
/** A sample every second. */
const samples = (megabytes: readonly number[]) =>
  megabytes.map((size, index) => ({ atMs: index * 1_000, bytes: size * mb }));
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('memoryFigures', () => {
  test('tells the first, the last, the most, and the slope of the second half', () => {
    const figures = memoryFigures(samples([10, 90, 20, 21, 22, 23]));
    expect(figures).toEqual({ firstMb: 10, lastMb: 23, maxMb: 90, mbPerHour: 3_600 });
  });

  test('a steady process has no slope', () => {
    expect(memoryFigures(samples([50, 50, 50, 50])).mbPerHour).toBe(0);
    expect(memoryFigures([])).toEqual({ firstMb: 0, lastMb: 0, maxMb: 0, mbPerHour: 0 });
  });
});

describe('growthFault', () => {
  test('garbage that comes and goes is no growth, nor is warming up', () => {
    const saw = range(80).map((index) => (index < 20 ? index : 100 + (index % 7) * 40));
    expect(growthFault(samples(saw), 0)).toBeUndefined();
  });

  test('what never comes down again is', () => {
    const leak = range(80).map((index) => 100 + index * 4 + (index % 7) * 20);
    expect(growthFault(samples(leak), 0)).toMatch(/^its memory grows: at least 268 MB, and later/);
  });

  test('what is kept on purpose may be there', () => {
    const leak = range(80).map((index) => 100 + index * 4);
    expect(growthFault(samples(leak), 100 * mb)).toBeUndefined();
  });
});
