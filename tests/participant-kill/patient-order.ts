import {
  CustomerNotified,
  OrderPlaced,
  OrderShipped,
  PaymentCharged,
  PaymentDeclined,
  PaymentRefunded,
  ShipmentRefused,
  StockRejected,
  StockReleased,
  StockReserved,
} from '@shop/contracts';
import { defineSaga, defineStep } from '@troupe/core';

const timeoutMs = 60 * 60_000;

const reserveStock = defineStep('reserve-stock', {
  after: OrderPlaced,
  emits: StockReserved,
  rejects: StockRejected,
  compensates: StockReleased,
  timeoutMs,
});
const chargePayment = defineStep('charge-payment', {
  after: OrderPlaced,
  emits: PaymentCharged,
  rejects: PaymentDeclined,
  compensates: PaymentRefunded,
  timeoutMs,
});
const shipOrder = defineStep('ship-order', {
  after: { order: OrderPlaced, stock: reserveStock, payment: chargePayment },
  emits: OrderShipped,
  rejects: ShipmentRefused,
  pivot: true,
  timeoutMs,
});
const notifyCustomer = defineStep('notify-customer', {
  after: shipOrder,
  emits: CustomerNotified,
  timeoutMs,
});

/**
 * The shop's saga in a version of customers who wait: a service that is killed over and over is late, and how late is a
 * matter of the machine. Limits are no part of a step's signature, so the shop's services run it as it is.
 */
export const patientOrder = defineSaga('place-order', {
  version: 2,
  startsOn: OrderPlaced,
  steps: [reserveStock, chargePayment, shipOrder, notifyCustomer],
});
