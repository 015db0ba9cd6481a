import { OrderShipped } from '@shop/contracts';
import { on } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import { StockBook } from './stock-book.ts';

/** Takes the goods off the books once their parcel is gone. No step of the saga: nobody waits for it. */
export const consumeStockHandler = (inbox: SqliteInbox) =>
  on(OrderShipped, ({ orderId }, ctx) =>
    ctx.transaction(inbox, (database) => {
      StockBook.in(database).consume(orderId);
    }),
  );
