import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

/** The events and steps that the type tests work with: what a team would share. */
const orderId = t.string().key();
const Line = t.record('Line', { sku: t.string(), quantity: t.int().default(1) });

/** A customer placed an order; nothing is reserved or charged yet. */
export class OrderPlaced extends defineEvent('shop.orders.OrderPlaced', {
  orderId,
  placedAt: t.timestamp(),
  currency: t.enum('Currency', ['EUR', 'USD']),
  total: t.decimal(12, 2),
  note: t.string().optional(),
  lines: t.array(Line),
}) {}
export class StockReserved extends defineEvent('shop.stock.StockReserved', {
  orderId,
  reservationId: t.string(),
}) {}
export class StockRejected extends defineEvent('shop.stock.StockRejected', {
  orderId,
  reason: t.string(),
}) {}
export class StockReleased extends defineEvent('shop.stock.StockReleased', { orderId }) {}
export class PaymentCharged extends defineEvent('shop.payment.PaymentCharged', {
  orderId,
  chargeId: t.string(),
}) {}
export class PaymentDeclined extends defineEvent('shop.payment.PaymentDeclined', {
  orderId,
  reason: t.string(),
}) {}
class PaymentRefunded extends defineEvent('shop.payment.PaymentRefunded', { orderId }) {}
export class GiftWrapped extends defineEvent('shop.shipping.GiftWrapped', {
  orderId,
  paper: t.string(),
}) {}
export class InvoiceOffered extends defineEvent('shop.payment.InvoiceOffered', {
  orderId,
  dueOn: t.date(),
}) {}
export class OrderShipped extends defineEvent('shop.shipping.OrderShipped', {
  orderId,
  trackingId: t.string(),
  remark: t.string().optional(),
}) {}

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
const offerInvoice = defineStep('offer-invoice', {
  after: chargePayment.rejected,
  emits: InvoiceOffered,
});
export const wrapGift = defineStep('wrap-gift', {
  after: OrderPlaced,
  when: (order) => order.note !== null,
  emits: GiftWrapped,
});
export const shipOrder = defineStep('ship-order', {
  after: {
    order: OrderPlaced,
    stock: reserveStock,
    payment: chargePayment.optional,
    invoice: offerInvoice.optional,
    gift: wrapGift.optional,
  },
  emits: OrderShipped,
  pivot: true,
});
export const placeOrder = defineSaga('place-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [reserveStock, chargePayment, offerInvoice, wrapGift, shipOrder],
});
