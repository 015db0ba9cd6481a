import { implement } from '@troupe/core';
import type { SqliteInbox } from '@troupe/sqlite';
import type { Cast } from './cast.ts';
import {
  CardCharged,
  CardDeclined,
  CardRefunded,
  GoodsPacked,
  GoodsUnpacked,
  InvoiceSent,
  note,
  OrderNoted,
  OrderRated,
  OrderShipped,
  orderSteps,
  rate,
  ShippingRefused,
  StockReleased,
  StockReserved,
} from './order-saga.ts';

const { reserve, pack, charge, ship, invoice } = orderSteps;

export const stockHandlers = (cast: Cast, inbox: SqliteInbox) => [
  implement(reserve, {
    execute: (input, ctx) => {
      const shelf = `A7${input.note.repeat(2)}`;
      const done = () => new StockReserved({ orderId: ctx.sagaId, shelf });
      return cast.perform(ctx, inbox, { part: 'reserve', input, done });
    },
    compensate: (undone, ctx) => {
      const done = () => new StockReleased({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'undo reserve', ...undone, done });
    },
  }),
  implement(pack, {
    execute: (input, ctx) => {
      const done = () => new GoodsPacked({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'pack', input, done });
    },
    compensate: (undone, ctx) => {
      const done = () => new GoodsUnpacked({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'undo pack', ...undone, done });
    },
  }),
];

export const tillHandlers = (cast: Cast, inbox: SqliteInbox) => [
  implement(charge, {
    execute: (input, ctx) => {
      const done = () => new CardCharged({ orderId: ctx.sagaId });
      const refused = () => new CardDeclined({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'charge', input, done, refused });
    },
    compensate: (undone, ctx) => {
      const done = () => new CardRefunded({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'undo charge', ...undone, done });
    },
  }),
  implement(rate, {
    execute: (input, ctx) => {
      const done = () => new OrderRated({ orderId: ctx.sagaId, stars: 5 });
      return cast.perform(ctx, inbox, { part: 'rate', input, done });
    },
  }),
  implement(note, {
    execute: (input, ctx) => {
      const done = () => new OrderNoted({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'note', input, done });
    },
  }),
];

export const dockHandlers = (cast: Cast, inbox: SqliteInbox) => [
  implement(ship, {
    execute: (input, ctx) => {
      const done = () => new OrderShipped({ orderId: ctx.sagaId });
      const refused = () => new ShippingRefused({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'ship', input, done, refused });
    },
  }),
  implement(invoice, {
    execute: (input, ctx) => {
      const done = () => new InvoiceSent({ orderId: ctx.sagaId });
      return cast.perform(ctx, inbox, { part: 'invoice', input, done });
    },
  }),
];
