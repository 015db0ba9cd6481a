import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

/** Longer than any measurement: what is open stays open. */
const timeoutMs = 6 * 60 * 60_000;

/** A saga of four steps in a row, of which two can be undone: the coordinator keeps payloads for these, as in a shop. */
const fields = { orderId: t.string().key(), cents: t.int() };
const released = { orderId: t.string().key() };
class OrderPlaced extends defineEvent('bench.OrderPlaced', fields) {}
class StockReserved extends defineEvent('bench.StockReserved', fields) {}
class StockReleased extends defineEvent('bench.StockReleased', released) {}
class CardCharged extends defineEvent('bench.CardCharged', fields) {}
class CardRefunded extends defineEvent('bench.CardRefunded', released) {}
class OrderShipped extends defineEvent('bench.OrderShipped', fields) {}
class CustomerNotified extends defineEvent('bench.CustomerNotified', fields) {}

const reserveStock = defineStep('reserve-stock', {
  after: OrderPlaced,
  emits: StockReserved,
  compensates: StockReleased,
  timeoutMs,
});
const chargeCard = defineStep('charge-card', {
  after: reserveStock,
  emits: CardCharged,
  compensates: CardRefunded,
  timeoutMs,
});
const shipOrder = defineStep('ship-order', { after: chargeCard, emits: OrderShipped, timeoutMs });
const notifyCustomer = defineStep('notify-customer', {
  after: shipOrder,
  emits: CustomerNotified,
  timeoutMs,
});

const steps = [reserveStock, chargeCard, shipOrder, notifyCustomer];
export const orderSaga = defineSaga('order', {
  version: 1,
  startsOn: OrderPlaced,
  steps,
  timeoutMs,
});

/** What happens in it, in order: the event, and the step that it is the outcome of. */
export const orderEvents = [
  { eventClass: OrderPlaced, step: undefined },
  { eventClass: StockReserved, step: reserveStock.name },
  { eventClass: CardCharged, step: chargeCard.name },
  { eventClass: OrderShipped, step: shipOrder.name },
  { eventClass: CustomerNotified, step: notifyCustomer.name },
] as const;
