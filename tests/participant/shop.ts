import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

const orderId = t.string().key();
export class OrderPlaced extends defineEvent('shop.OrderPlaced', {
  orderId,
  cents: t.int(),
  note: t.string().optional(),
}) {}
export class StockReserved extends defineEvent('stock.StockReserved', {
  orderId,
  shelf: t.string(),
}) {}
export class StockRejected extends defineEvent('stock.StockRejected', {
  orderId,
  reason: t.string(),
}) {}
export class StockReleased extends defineEvent('stock.StockReleased', { orderId }) {}
export class GiftWrapped extends defineEvent('stock.GiftWrapped', { orderId }) {}
export class OrderShipped extends defineEvent('shop.OrderShipped', { orderId }) {}
class MailSent extends defineEvent('mail.MailSent', { orderId }) {}

export const reserveStock = defineStep('reserve-stock', {
  after: OrderPlaced,
  emits: StockReserved,
  rejects: StockRejected,
  compensates: StockReleased,
});
export const wrapGift = defineStep('wrap-gift', {
  after: OrderPlaced,
  when: (order) => order.note !== null,
  emits: GiftWrapped,
  compensates: null,
});
export const shipOrder = defineStep('ship-order', {
  after: { order: OrderPlaced, stock: reserveStock, gift: wrapGift.optional },
  emits: OrderShipped,
  pivot: true,
});
const sendMail = defineStep('send-mail', { after: shipOrder, emits: MailSent });

export const placeOrder = defineSaga('place-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [reserveStock, wrapGift, shipOrder, sendMail],
});
