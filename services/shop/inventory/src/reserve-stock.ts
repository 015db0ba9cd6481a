import { reserveStock, StockRejected, StockReleased, StockReserved } from '@shop/contracts';
import { implement } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import { type Shortage, StockBook } from './stock-book.ts';

/** Puts the goods of an order aside, and puts them back when the order comes to nothing. */
export const reserveStockHandler = (inbox: SqliteInbox) =>
  implement(reserveStock, {
    execute: ({ orderId, lines }, ctx) =>
      ctx.transaction(inbox, (database) => {
        const result = StockBook.in(database).reserve(orderId, lines);
        if (result.kind !== 'reserved') {
          const { kind: reason, sku } = result;
          return new StockRejected({ orderId, reason, sku, detail: sentenceOf(result) });
        }
        const { reservationId, items } = result;
        return new StockReserved({ orderId, reservationId, items });
      }),
    // By order, not by reservation: in doubt nobody knows the reservation.
    compensate: ({ input: { orderId } }, ctx) =>
      ctx.transaction(inbox, (database) => {
        const items = StockBook.in(database).release(orderId);
        return new StockReleased({ orderId, items });
      }),
  });

function sentenceOf(shortage: Shortage): string {
  const { kind, sku } = shortage;
  if (kind === 'unknown-sku') return `nothing is known of ${sku}`;
  const { units, available } = shortage;
  return available === 0
    ? `${sku} is sold out`
    : `${units} of ${sku} were ordered, ${available} are there`;
}
