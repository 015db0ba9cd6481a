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
  /** On the shelf of its goods it is there twice: what it brings about may be larger than it is. */
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
export class OrderRated extends defineEvent('rules.till.OrderRated', { orderId, stars: t.int() }) {}
export class OrderNoted extends defineEvent('rules.till.OrderNoted', { orderId }) {}
export class OrderShipped extends defineEvent('rules.dock.OrderShipped', { orderId }) {}
export class ShippingRefused extends defineEvent('rules.dock.ShippingRefused', { orderId }) {}
export class InvoiceSent extends defineEvent('rules.dock.InvoiceSent', { orderId }) {}

type TimeLimits = Partial<Record<'reserve' | 'charge' | 'ship' | 'invoice' | 'saga', number>>;

/**
 * The same steps under any name and with any time limits, which are no part of a step's signature: one set of handlers
 * serves them all (rule 13). What is not named has minutes, however loaded the machine is.
 */
function orderSaga(name: string, timeoutMs: TimeLimits = {}) {
  const reserve = defineStep('reserve', {
    after: OrderPlaced,
    emits: StockReserved,
    compensates: StockReleased,
    timeoutMs: timeoutMs.reserve,
  });
  const pack = defineStep('pack', {
    after: reserve,
    emits: GoodsPacked,
    compensates: GoodsUnpacked,
  });
  const charge = defineStep('charge', {
    after: OrderPlaced,
    emits: CardCharged,
    rejects: CardDeclined,
    compensates: CardRefunded,
    timeoutMs: timeoutMs.charge,
  });
  const ship = defineStep('ship', {
    after: { order: OrderPlaced, stock: reserve, goods: pack, card: charge },
    emits: OrderShipped,
    rejects: ShippingRefused,
    pivot: true,
    when: ({ order }) => order.ships,
    timeoutMs: timeoutMs.ship,
  });
  const invoice = defineStep('invoice', {
    after: ship,
    emits: InvoiceSent,
    timeoutMs: timeoutMs.invoice,
  });
  const steps = [reserve, pack, charge, ship, invoice] as const;
  const saga = defineSaga(name, {
    version: 1,
    startsOn: OrderPlaced,
    steps,
    timeoutMs: timeoutMs.saga,
  });
  return { saga, reserve, pack, charge, ship, invoice };
}

export const orderSteps = orderSaga('place-order');
export const placeOrder = orderSteps.saga;

/** Both run beside the pivot: neither waits for the other, and nothing else needs what they are given. */
export const rate = defineStep('rate', { after: OrderPlaced, emits: OrderRated });
export const note = defineStep('note', { after: rate, emits: OrderNoted });
export const notedOrder = defineSaga('noted-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [...placeOrder.steps, rate, note],
});

/** Shorter than anything that a scenario holds up until it has passed. */
const hastyMs = 300;

/** Each has one time limit that is soon over, for scenarios in which it passes. */
export const hastyReserve = orderSaga('hasty-reserve', { reserve: hastyMs }).saga;
export const hastyCharge = orderSaga('hasty-charge', { charge: hastyMs }).saga;
export const hastyShip = orderSaga('hasty-ship', { ship: hastyMs }).saga;
export const hastyInvoice = orderSaga('hasty-invoice', { invoice: hastyMs }).saga;
/** Long enough for another order to complete meanwhile. */
export const hastyOrder = orderSaga('hasty-order', { saga: 1_000 }).saga;
