import { defineSaga, defineStep } from '@troupe/core';
import { CustomerNotified, OrderPlaced } from './order-events.ts';
import { PaymentCharged, PaymentDeclined, PaymentRefunded } from './payment-events.ts';
import { OrderShipped, ShipmentRefused } from './shipping-events.ts';
import { StockRejected, StockReleased, StockReserved } from './stock-events.ts';

export const reserveStock = defineStep('reserve-stock', {
  after: OrderPlaced,
  emits: StockReserved,
  rejects: StockRejected,
  compensates: StockReleased,
});

export const chargePayment = defineStep('charge-payment', {
  after: OrderPlaced,
  emits: PaymentCharged,
  rejects: PaymentDeclined,
  compensates: PaymentRefunded,
  timeoutMs: 30_000,
});

/** The point of no return: a parcel on its way cannot be called back. */
export const shipOrder = defineStep('ship-order', {
  after: { order: OrderPlaced, stock: reserveStock, payment: chargePayment },
  emits: OrderShipped,
  rejects: ShipmentRefused,
  pivot: true,
});

export const notifyCustomer = defineStep('notify-customer', {
  after: shipOrder,
  emits: CustomerNotified,
});

export const placeOrder = defineSaga('place-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [reserveStock, chargePayment, shipOrder, notifyCustomer],
});
