import { OrderShipped, ShipmentRefused, shipOrder } from '@shop/contracts';
import { implement } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import { carrierTo } from './carriers.ts';
import { ShipmentBook } from './shipment-book.ts';

/** Sends the parcel of an order whose goods are put aside and paid for. */
export const shipOrderHandler = (inbox: SqliteInbox) =>
  implement(shipOrder, {
    execute: ({ order, stock, payment }, ctx) =>
      ctx.transaction(inbox, (database) => {
        const { orderId, customer } = order;
        const { country } = order.shipTo;
        const carrier = carrierTo(country);
        if (carrier === undefined) {
          return new ShipmentRefused({
            orderId,
            country,
            reason: 'address-not-served',
            detail: `no carrier goes to ${country}`,
          });
        }
        const { reservationId } = stock;
        const { chargeId } = payment;
        const parcel = { orderId, carrier, reservationId, chargeId };
        const trackingId = ShipmentBook.in(database).ship(parcel);
        return new OrderShipped({ orderId, trackingId, carrier, customer });
      }),
  });
