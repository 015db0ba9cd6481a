import { implement, on } from '@troupe/core';
import {
  OrderPlaced,
  OrderShipped,
  PaymentDeclined,
  reserveStock,
  StockRejected,
  StockReleased,
  StockReserved,
  shipOrder,
} from './contracts.ts';

const compensate = async () => new StockReleased({ orderId: '' });
const execute = async ({ orderId }: OrderPlaced) =>
  new StockReserved({ orderId, reservationId: '' });

implement(reserveStock, {
  async execute({ orderId }) {
    // @ts-expect-error
    // Property 'reservationId' is missing in type '{ orderId: string; }' but required in type
    return new StockReserved({ orderId });
  },
  compensate,
});

implement(reserveStock, {
  async execute({ orderId }) {
    // @ts-expect-error
    // Type 'number' is not assignable to type 'string'.
    return new StockReserved({ orderId, reservationId: 7 });
  },
  compensate,
});

implement(reserveStock, {
  async execute(order) {
    // @ts-expect-error
    // Property 'orderID' does not exist on type 'OrderPlaced'. Did you mean 'orderId'?
    return new StockReserved({ orderId: order.orderID, reservationId: '' });
  },
  compensate,
});

implement(reserveStock, {
  // @ts-expect-error
  // Type 'PaymentDeclined' is not assignable to type 'StockRejected | StockReserved'.
  async execute({ orderId }) {
    return new PaymentDeclined({ orderId, reason: '' });
  },
  compensate,
});

implement(reserveStock, {
  // @ts-expect-error
  // Property ''~event'' is missing in type '{ orderId: string; reservationId: string; }' but required in type 'StockReserved'.
  async execute({ orderId }) {
    return { orderId, reservationId: '' };
  },
  compensate,
});

implement(reserveStock, {
  // A copy is no event any more.
  // @ts-expect-error
  // Property ''~event'' is missing in type '{ orderId: string; reservationId: string; }' but required in type 'StockReserved'.
  async execute({ orderId }) {
    const reserved = new StockReserved({ orderId, reservationId: '' });
    return { ...reserved, reservationId: 'x' };
  },
  compensate,
});

implement(reserveStock, {
  // @ts-expect-error
  // Type 'undefined' is not assignable to type 'StockRejected | StockReserved'.
  async execute({ orderId, lines }) {
    if (lines.length > 0) return new StockReserved({ orderId, reservationId: '' });
    return undefined;
  },
  compensate,
});

implement(reserveStock, {
  // @ts-expect-error
  // Type 'StockReserved' is missing the following properties from type 'Promise<StockRejected | StockReserved>'
  execute: ({ orderId }) => new StockReserved({ orderId, reservationId: '' }),
  compensate,
});

// @ts-expect-error
// Property 'compensate' is missing in type
// but required in type 'Compensate<OrderPlaced, StockReserved, StockReleased>'.
implement(reserveStock, { execute });

implement(reserveStock, {
  execute,
  async compensate({ output }) {
    // @ts-expect-error
    // 'output' is possibly 'undefined'.
    return new StockReleased({ orderId: output.orderId });
  },
});

implement(reserveStock, {
  execute,
  // @ts-expect-error
  // Type 'StockReserved' is not assignable to type 'StockReleased'.
  async compensate({ input }) {
    return new StockReserved({ orderId: input.orderId, reservationId: '' });
  },
});

implement(shipOrder, {
  async execute({ order }) {
    return new OrderShipped({ orderId: order.orderId, trackingId: '' });
  },
  // @ts-expect-error
  // TroupeTypeError<"step 'ship-order' has no 'compensates' event: name one there, or remove this">
  compensate,
});

implement(shipOrder, {
  async execute({ order }) {
    // @ts-expect-error
    // 'remrk' does not exist in type
    // Did you mean to write 'remark'?
    return new OrderShipped({ orderId: order.orderId, trackingId: '', remrk: '' });
  },
});

implement(shipOrder, {
  async execute({ order, gift }) {
    // @ts-expect-error
    // 'gift' is possibly 'undefined'.
    return new OrderShipped({ orderId: order.orderId, trackingId: gift.paper });
  },
});

implement(shipOrder, {
  // @ts-expect-error
  // Property 'parcel' does not exist on type '{ readonly order: OrderPlaced; readonly stock: StockReserved;
  async execute({ order, parcel }) {
    return new OrderShipped({ orderId: order.orderId, trackingId: parcel });
  },
});

implement(shipOrder, {
  // @ts-expect-error
  // Type 'OrderShipped | StockRejected' is not assignable to type 'OrderShipped'.
  async execute({ order: { orderId, total } }) {
    if (total === '0') return new StockRejected({ orderId, reason: '' });
    return new OrderShipped({ orderId, trackingId: '' });
  },
});

on(OrderPlaced, async (order) => {
  // @ts-expect-error
  // Property 'orderID' does not exist on type 'OrderPlaced'. Did you mean 'orderId'?
  order.orderID.trim();
});

// @ts-expect-error
// is not assignable to parameter of type 'AnyEventClass'.
on(reserveStock, async () => undefined);

// @ts-expect-error
// Type 'void' is not assignable to type 'Promise<void>'.
on(OrderPlaced, (order) => {
  order.orderId.trim();
});
