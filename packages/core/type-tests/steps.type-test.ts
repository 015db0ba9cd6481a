import {
  defineSaga,
  defineStep,
  type InputOf,
  implement,
  on,
  type StepContext,
  type StepHandler,
  type sagaRef,
} from '@troupe/core';
import {
  chargePayment,
  type GiftWrapped,
  InvoiceOffered,
  OrderPlaced,
  OrderShipped,
  type PaymentCharged,
  type PaymentDeclined,
  type placeOrder,
  reserveStock,
  StockReleased,
  StockReserved,
  shipOrder,
  type wrapGift,
} from './contracts.ts';
import { type Equals, is } from './equals.ts';

// What a handler is given follows from `after`.
is<Equals<InputOf<typeof OrderPlaced>, OrderPlaced>>();
is<Equals<InputOf<typeof reserveStock>, StockReserved>>();
is<Equals<InputOf<typeof chargePayment.rejected>, PaymentDeclined>>();
is<Equals<InputOf<typeof wrapGift.required>, GiftWrapped>>();
is<
  Equals<
    InputOf<readonly [typeof OrderPlaced, typeof reserveStock, typeof wrapGift.optional]>,
    readonly [OrderPlaced, StockReserved, GiftWrapped | undefined]
  >
>();
is<
  Equals<
    InputOf<{
      readonly order: typeof OrderPlaced;
      readonly no: typeof chargePayment.rejected.optional;
      readonly gift: typeof wrapGift.required;
      readonly refused: typeof chargePayment.rejected.required;
    }>,
    {
      readonly order: OrderPlaced;
      readonly no: PaymentDeclined | undefined;
      readonly gift: GiftWrapped;
      readonly refused: PaymentDeclined;
    }
  >
>();

const tuple = defineStep('tuple', {
  after: [reserveStock, chargePayment],
  emits: OrderShipped,
  when: ([stock, payment]) => stock.reservationId !== payment.chargeId,
});
implement(tuple, {
  async execute([stock, payment]) {
    is<Equals<typeof stock, StockReserved>>();
    is<Equals<typeof payment, PaymentCharged>>();
    return new OrderShipped({ orderId: stock.orderId, trackingId: '' });
  },
});

implement(shipOrder, {
  async execute({ order, gift }, ctx) {
    is<Equals<typeof order, OrderPlaced>>();
    is<Equals<typeof gift, GiftWrapped | undefined>>();
    is<Equals<typeof ctx, StepContext>>();
    return new OrderShipped({ orderId: order.orderId, trackingId: '' });
  },
});

const handler = implement(reserveStock, {
  execute: async (order) => {
    is<Equals<typeof order, OrderPlaced>>();
    return new StockReserved({ orderId: order.orderId, reservationId: 'A7' });
  },
  compensate: async ({ input, output }) => {
    is<Equals<typeof input, OrderPlaced>>();
    is<Equals<typeof output, StockReserved | undefined>>();
    return new StockReleased({ orderId: input.orderId });
  },
});
// One service holds handlers of many steps.
const handlers: readonly StepHandler[] = [handler];
is<Equals<(typeof handlers)[number]['step']['name'], string>>();

// Options may be undefined with exactOptionalPropertyTypes, too.
declare const timeoutMs: number | undefined;
const bare = defineStep('bare', {
  after: chargePayment.rejected,
  emits: InvoiceOffered,
  rejects: undefined,
  timeoutMs,
  when: undefined,
  retry: undefined,
});
implement(bare, {
  execute: async ({ orderId, reason }) => new InvoiceOffered({ orderId, dueOn: reason }),
});
const nothingToUndo = defineStep('check', {
  after: OrderPlaced,
  emits: InvoiceOffered,
  compensates: null,
});
implement(nothingToUndo, {
  execute: async ({ orderId }) => new InvoiceOffered({ orderId, dueOn: '2026-12-24' }),
});

on(OrderPlaced, async (order, ctx) => {
  is<Equals<typeof order, OrderPlaced>>();
  is<Equals<typeof ctx.correlationId, string>>();
});

// A saga knows its name and the names of its steps.
is<Equals<typeof placeOrder.name, 'place-order'>>();
is<
  Equals<
    (typeof placeOrder.steps)[number]['name'],
    'reserve-stock' | 'charge-payment' | 'offer-invoice' | 'wrap-gift' | 'ship-order'
  >
>();
is<Equals<ReturnType<typeof sagaRef>, `${string}@${number}#${string}`>>();
defineSaga('s', { version: 1, startsOn: OrderPlaced, steps: [reserveStock], timeoutMs });
