import { expect, test } from 'vitest';
import { BatchLimits } from './batch-limits.ts';

test('a topic takes what its broker says, less what the batch itself takes', () => {
  const limits = new BatchLimits();
  expect([limits.bytesMax('a'), limits.bytesMin]).toEqual([Infinity, Infinity]);
  limits.learn('a', 20_061);
  limits.learn('b', 30_061);
  expect([limits.bytesMax('a'), limits.bytesMax('b')]).toEqual([20_000, 30_000]);
  expect(limits.bytesMin).toBe(20_000);
  limits.learn('a', 40_061);
  expect(limits.bytesMin).toBe(30_000);
});

test('where brokers do not say it, half of what was refused, until they do', () => {
  const limits = new BatchLimits();
  limits.refused('a', 1_001);
  expect(limits.bytesMax('a')).toBe(500);
  limits.refused('a', 4_000);
  expect(limits.bytesMax('a')).toBe(500);
  expect(limits.isKnown('a')).toBe(false);
  limits.learn('a', 2_061);
  expect([limits.bytesMax('a'), limits.isKnown('a')]).toEqual([2_000, true]);
  limits.refused('a', 1_800);
  expect([limits.bytesMax('a'), limits.isKnown('a')]).toEqual([900, false]);
});

test('what is doubted is kept until it is learnt anew', () => {
  const limits = new BatchLimits();
  limits.doubt('a');
  expect(limits.bytesMax('a')).toBe(Infinity);
  limits.learn('a', 20_061);
  limits.doubt('a');
  expect([limits.bytesMax('a'), limits.isKnown('a')]).toEqual([20_000, false]);
});
