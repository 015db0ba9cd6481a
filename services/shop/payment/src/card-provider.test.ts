import { type Clock, RetryableError } from '@troupe/core';
import { describe, expect, test } from 'vitest';
import { simulateCards, testCards } from './card-provider.ts';

const sleeps: number[] = [];
const clock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  after: () => () => undefined,
  sleep: async (delayMs) => {
    sleeps.push(delayMs);
  },
};
const { signal } = new AbortController();
const charge = (cardToken: string, idempotencyKey = 'o-1') => ({
  idempotencyKey,
  cardToken,
  cents: 100,
});

describe('the simulated card provider', () => {
  test.each([
    [testCards.approved, { kind: 'approved' }],
    [testCards.noFunds, { kind: 'declined', reason: 'insufficient-funds' }],
    [testCards.expired, { kind: 'declined', reason: 'card-expired' }],
  ])('%s answers %j', async (card, answer) => {
    expect(await simulateCards({ clock }).charge(charge(card), signal)).toMatchObject(answer);
  });

  test('the slow card takes its time by the clock', async () => {
    sleeps.length = 0;
    const answer = await simulateCards({ clock, slowMs: 70 }).charge(
      charge(testCards.slow),
      signal,
    );
    expect([answer, sleeps]).toEqual([{ kind: 'approved' }, [70]]);
  });

  test('the flaky card fails the first time, for each order', async () => {
    const cards = simulateCards({ clock });
    for (const order of ['o-1', 'o-2']) {
      const flaky = charge(testCards.flaky, order);
      await expect(cards.charge(flaky, signal)).rejects.toThrow(RetryableError);
      expect(await cards.charge(flaky, signal)).toEqual({ kind: 'approved' });
    }
  });
});
