import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';

/**
 * The saga that most scenarios play: two branches that meet in a pivot, and one step after it.
 *
 *     OrderPlaced ─┬─ reserve ── pack ─┬─ ship (pivot) ── invoice
 *                  └─ charge ──────────┘
 */
const orderId = t.string().key();
export class OrderPlaced extends defineEvent('rules.order.OrderPlaced', {
  orderId,
  /** Otherwise the condition of `ship` does not hold. */
  ships: t.boolean(),
  note: t.string(),
}) {}
export class StockReserved extends defineEvent('rules.stock.StockReserved', {
  orderId,
  shelf: t.string(),
}) {}
export class StockReleased extends defineEvent('rules.stock.StockReleased', { orderId }) {}
export class GoodsPacked extends defineEvent('rules.stock.GoodsPacked', { orderId }) {}
export class GoodsUnpacked extends defineEvent('rules.stock.GoodsUnpacked', { orderId }) {}
export class CardCharged extends defineEvent('rules.till.CardCharged', { orderId }) {}
export class CardDeclined extends defineEvent('rules.till.CardDeclined', { orderId }) {}
export class CardRefunded extends defineEvent('rules.till.CardRefunded', { orderId }) {}
export class OrderShipped extends defineEvent('rules.dock.OrderShipped', { orderId }) {}
export class ShippingRefused extends defineEvent('rules.dock.ShippingRefused', { orderId }) {}
export class InvoiceSent extends defineEvent('rules.dock.InvoiceSent', { orderId }) {}

export const reserve = defineStep('reserve', {
  after: OrderPlaced,
  emits: StockReserved,
  compensates: StockReleased,
});
export const pack = defineStep('pack', {
  after: reserve,
  emits: GoodsPacked,
  compensates: GoodsUnpacked,
});
export const charge = defineStep('charge', {
  after: OrderPlaced,
  emits: CardCharged,
  rejects: CardDeclined,
  compensates: CardRefunded,
});
export const ship = defineStep('ship', {
  after: { order: OrderPlaced, stock: reserve, goods: pack, card: charge },
  emits: OrderShipped,
  rejects: ShippingRefused,
  pivot: true,
  when: ({ order }) => order.ships,
});
export const invoice = defineStep('invoice', { after: ship, emits: InvoiceSent });

export const placeOrder = defineSaga('place-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [reserve, pack, charge, ship, invoice],
});
