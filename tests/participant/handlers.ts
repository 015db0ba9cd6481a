import { defineStep, implement, type StepContext } from '@troupe/core';
import type { Database, DatabaseInbox, Tx } from './database-inbox.ts';
import {
  GiftWrapped,
  OrderPlaced,
  OrderShipped,
  reserveStock,
  StockRejected,
  StockReleased,
  StockReserved,
  shipOrder,
  wrapGift,
} from './shop.ts';

export const order = (orderId: string, note?: string): OrderPlaced =>
  new OrderPlaced({ orderId, cents: 5, note });
export const reserved = (orderId: string): StockReserved =>
  new StockReserved({ orderId, shelf: 'A7' });
export const released = (orderId: string): StockReleased => new StockReleased({ orderId });

type Reserve = (order: OrderPlaced, ctx: StepContext) => Promise<StockReserved | StockRejected>;
type Release = (
  done: { readonly input: OrderPlaced; readonly output: StockReserved | undefined },
  ctx: StepContext,
) => Promise<StockReleased>;

/** `reserve-stock` as a test wants it to be; by default it succeeds, and so does its undoing. */
export const stock = (
  execute: Reserve = async ({ orderId }) => reserved(orderId),
  compensate: Release = async ({ input }) => released(input.orderId),
) => implement(reserveStock, { execute, compensate });

/** `reserve-stock` that writes what it does into the inbox's database, in its transaction. */
export const stockIn = (inbox: DatabaseInbox) =>
  stock(
    ({ orderId }, ctx) =>
      ctx.transaction(inbox, (tx: Tx) => {
        tx.write(`reserve ${orderId}`);
        return reserved(orderId);
      }),
    ({ input: { orderId } }, ctx) =>
      ctx.transaction(inbox, (tx: Tx) => {
        tx.write(`release ${orderId}`);
        return released(orderId);
      }),
  );

const refusedIn = new WeakSet<Database>();

/** With a condition that says no to whoever asks first, of all processes on one database, and yes from then on. */
export const stockOnSecondThought = (
  { database }: DatabaseInbox,
  { execute, compensate }: ReturnType<typeof stock> = stock(),
) => {
  const step = defineStep('reserve-stock', {
    after: OrderPlaced,
    when: () => {
      const isSecondThought = refusedIn.has(database);
      refusedIn.add(database);
      return isSecondThought;
    },
    emits: StockReserved,
    rejects: StockRejected,
    compensates: StockReleased,
  });
  return implement(step, { execute, compensate });
};

export const gift = implement(wrapGift, {
  execute: async ({ orderId }) => new GiftWrapped({ orderId }),
});

/** `ship-order`, handing what it was given to `see`. */
export const ship = (see: (input: object) => void = () => undefined) =>
  implement(shipOrder, {
    execute: async (input) => {
      see(input);
      return new OrderShipped({ orderId: input.order.orderId });
    },
  });
