import { CustomerNotified, notifyCustomer } from '@shop/contracts';
import { implement } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import type { MailProvider } from './mail-provider.ts';
import { NotificationBook } from './notification-book.ts';

/** Tells the customer that the parcel is on its way. */
export const notifyCustomerHandler = (inbox: SqliteInbox, mails: MailProvider) =>
  implement(notifyCustomer, {
    async execute({ orderId, trackingId, carrier, customer: { name, email } }, ctx) {
      const text = `Dear ${name}, ${carrier} brings your order: ${trackingId}.`;
      // Before the transaction, which must not wait for a network. Asked twice, the provider sends once.
      const messageId = await mails.send({ idempotencyKey: orderId, to: email, text }, ctx.signal);
      return ctx.transaction(inbox, (database) => {
        NotificationBook.in(database).add(orderId, email, messageId);
        return new CustomerNotified({ orderId, email, messageId });
      });
    },
  });
