import { chargePayment, PaymentCharged, PaymentDeclined, PaymentRefunded } from '@shop/contracts';
import { implement } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import type { CardProvider } from './card-provider.ts';
import { ChargeBook } from './charge-book.ts';

/** Charges the card of an order, and gives the money back when the order comes to nothing. */
export const chargePaymentHandler = (inbox: SqliteInbox, cards: CardProvider) =>
  implement(chargePayment, {
    async execute({ orderId, cardToken, totalCents: cents }, ctx) {
      // Before the transaction, which must not wait for a network. Asked twice, the provider charges once.
      const answer = await cards.charge({ idempotencyKey: orderId, cardToken, cents }, ctx.signal);
      return ctx.transaction(inbox, (database) => {
        if (answer.kind === 'declined') {
          const { reason, detail } = answer;
          return new PaymentDeclined({ orderId, reason, detail });
        }
        const chargeId = ChargeBook.in(database).charge(orderId, cents);
        return new PaymentCharged({ orderId, chargeId, cents });
      });
    },
    // By order, not by charge: in doubt nobody knows the charge.
    compensate: ({ input: { orderId } }, ctx) =>
      ctx.transaction(inbox, (database) => {
        const cents = ChargeBook.in(database).refund(orderId);
        return new PaymentRefunded({ orderId, cents });
      }),
  });
