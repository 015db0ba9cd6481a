import { type Clock, RetryableError, systemClock } from '@troupe/core';

/** The company that moves the money. Both calls are idempotent by `idempotencyKey`, as such companies promise. */
export interface CardProvider {
  /** Throws a `RetryableError` when the provider does not answer as it should. */
  charge(charge: CardCharge, signal: AbortSignal): Promise<CardAnswer>;
}

export interface CardCharge {
  readonly idempotencyKey: string;
  readonly cardToken: string;
  readonly cents: number;
}

export type CardAnswer =
  | { readonly kind: 'approved' }
  | { readonly kind: 'declined'; readonly reason: string; readonly detail: string };

/** What the cards of the simulated provider do, as the test cards of a real one do. */
export const testCards = {
  approved: 'card-approved',
  noFunds: 'card-no-funds',
  expired: 'card-expired',
  slow: 'card-slow',
  flaky: 'card-flaky',
} as const;

const declined: ReadonlyMap<string, CardAnswer> = new Map([
  [
    testCards.noFunds,
    { kind: 'declined', reason: 'insufficient-funds', detail: 'the card has too little money' },
  ],
  [
    testCards.expired,
    { kind: 'declined', reason: 'card-expired', detail: 'the card expired last month' },
  ],
]);

export interface SimulatedCardsOptions {
  readonly clock?: Clock | undefined;
  /** How long `testCards.slow` takes. */
  readonly slowMs?: number | undefined;
}

/**
 * A provider in memory. `testCards.slow` answers late, `testCards.flaky` answers the first request of each key with an
 * error; the answer to any other unknown card is to approve.
 */
export function simulateCards({
  clock = systemClock,
  slowMs = 150,
}: SimulatedCardsOptions = {}): CardProvider {
  /** Keys of `flaky` that had their error and not yet their answer. */
  const failedOnce = new Set<string>();
  return {
    async charge({ idempotencyKey, cardToken }, signal) {
      if (cardToken === testCards.slow) await clock.sleep(slowMs, signal);
      if (cardToken === testCards.flaky && !failedOnce.delete(idempotencyKey)) {
        failedOnce.add(idempotencyKey);
        throw new RetryableError(`the card provider answered 503 to charge ${idempotencyKey}`);
      }
      return declined.get(cardToken) ?? { kind: 'approved' };
    },
  };
}
