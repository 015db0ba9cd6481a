import { AssertionError } from 'node:assert';
import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { given } from './given.ts';
import {
  compensationFailed,
  compensationTimedOut,
  failed,
  failedNotDone,
  skipped,
  timedOut,
} from './step-outcome.ts';

const orderId = t.string().key();
class OrderPlaced extends defineEvent('shop.orders.OrderPlaced', { orderId }) {}
class StockReserved extends defineEvent('shop.stock.StockReserved', { orderId }) {}
class StockRejected extends defineEvent('shop.stock.StockRejected', { orderId }) {}
class StockReleased extends defineEvent('shop.stock.StockReleased', { orderId }) {}
class PaymentCharged extends defineEvent('shop.payment.PaymentCharged', { orderId }) {}
class PaymentDeclined extends defineEvent('shop.payment.PaymentDeclined', { orderId }) {}
class PaymentRefunded extends defineEvent('shop.payment.PaymentRefunded', { orderId }) {}
class InvoiceOffered extends defineEvent('shop.payment.InvoiceOffered', { orderId }) {}
class GiftWrapped extends defineEvent('shop.shipping.GiftWrapped', { orderId }) {}
class OrderShipped extends defineEvent('shop.shipping.OrderShipped', { orderId }) {}
class CustomerNotified extends defineEvent('shop.mail.CustomerNotified', { orderId }) {}
class PigeonSent extends defineEvent('shop.mail.PigeonSent', { orderId }) {}

const reserveStock = defineStep('reserve-stock', {
  after: OrderPlaced,
  emits: StockReserved,
  rejects: StockRejected,
  compensates: StockReleased,
});
const chargePayment = defineStep('charge-payment', {
  after: OrderPlaced,
  emits: PaymentCharged,
  rejects: PaymentDeclined,
  compensates: PaymentRefunded,
  timeoutMs: 30_000,
});
const offerInvoice = defineStep('offer-invoice', {
  after: chargePayment.rejected,
  emits: InvoiceOffered,
  compensates: null,
});
const wrapGift = defineStep('wrap-gift', {
  after: OrderPlaced,
  when: ({ orderId: id }) => id !== '',
  emits: GiftWrapped,
  compensates: null,
});
const shipOrder = defineStep('ship-order', {
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
const notifyCustomer = defineStep('notify-customer', { after: shipOrder, emits: CustomerNotified });
const placeOrder = defineSaga('place-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [reserveStock, chargePayment, offerInvoice, wrapGift, shipOrder, notifyCustomer],
});

const order = { orderId: '42' };
const placed = new OrderPlaced(order);
const reserved = new StockReserved(order);
const charged = new PaymentCharged(order);

describe('given, when, then', () => {
  it('follows a saga to its end', () => {
    given(placeOrder)
      .when(placed)
      .thenRuns(reserveStock, chargePayment, wrapGift)
      .when(new GiftWrapped(order))
      .thenNothing()
      .when(reserved)
      .thenNothing()
      .when(new PaymentDeclined(order))
      .thenRuns(offerInvoice)
      .when(new InvoiceOffered(order))
      .thenRuns(shipOrder)
      .when(new OrderShipped(order))
      .thenRuns(notifyCustomer)
      .when(new CustomerNotified(order))
      .thenEnds('completed');
  });

  it('takes a history first, and looks only at what is new', () => {
    given(placeOrder, placed, skipped(wrapGift), reserved)
      .when(charged)
      .thenRuns(shipOrder)
      .thenCompensates()
      .thenCancels();
  });

  it('tells what is undone', () => {
    given(placeOrder, placed, charged, skipped(wrapGift))
      .when(new StockRejected(order))
      .thenRuns()
      .thenCompensates(chargePayment)
      .when(new PaymentRefunded(order))
      .thenEnds('compensated');
  });

  it('tells what is cancelled, and understands the answer', () => {
    given(placeOrder, placed, charged)
      .when(failedNotDone(reserveStock))
      .thenCancels(wrapGift)
      .thenCompensates(chargePayment)
      .when(skipped(wrapGift), new PaymentRefunded(order))
      .thenEnds('compensated');
  });

  it('lets time pass to the limit of a step, in doubt', () => {
    given(placeOrder, placed, charged, skipped(wrapGift))
      .when(timedOut(reserveStock))
      .thenCompensates(chargePayment, reserveStock)
      .when(new StockReleased(order), new PaymentRefunded(order))
      .thenEnds('compensated');
  });

  it('lets what is due until then time out as well', () => {
    given(placeOrder, placed, skipped(wrapGift))
      .when(timedOut(reserveStock))
      .thenCompensates(reserveStock, chargePayment);
    given(placeOrder, placed, charged)
      .when(timedOut(reserveStock))
      .thenCompensates(chargePayment, reserveStock)
      .thenCancels(wrapGift);
  });

  it('knows a failing step after the pivot, and asks for it again', () => {
    given(placeOrder, placed, reserved, charged, skipped(wrapGift), new OrderShipped(order))
      .when(timedOut(notifyCustomer))
      .thenNothing()
      .when(failed(notifyCustomer))
      .thenNothing();
  });

  it('tells what is stuck', () => {
    const undoing = given(placeOrder, placed, charged, skipped(wrapGift), failed(reserveStock));
    undoing.when(compensationFailed(reserveStock)).thenEnds('stuck');
    undoing.when(compensationTimedOut(chargePayment)).thenEnds('stuck');
  });

  it('takes the same instance again as the same event, delivered twice', () => {
    given(placeOrder, placed, reserved).when(reserved).thenNothing();
  });

  it('takes another instance as another event', () => {
    given(placeOrder, placed, reserved)
      .when(new StockReserved(order))
      .thenCompensates(reserveStock)
      .thenCancels(chargePayment, wrapGift);
  });

  it('can be told two ways from one point', () => {
    const before = given(placeOrder, placed, skipped(wrapGift), reserved);
    before.when(charged).thenRuns(shipOrder);
    before.when(new PaymentDeclined(order)).thenRuns(offerInvoice);
  });
});

describe('what does not hold is told with the story', () => {
  function faultOf(claim: () => unknown): AssertionError {
    try {
      claim();
    } catch (error) {
      if (error instanceof AssertionError) return error;
      throw error;
    }
    throw new Error('it held');
  }

  it('what was expected, what happened, the story so far', () => {
    const fault = faultOf(() =>
      given(placeOrder, placed, charged, skipped(wrapGift))
        .when(new StockRejected(order))
        .thenCompensates(chargePayment, reserveStock),
    );
    expect(fault.message).toBe(
      [
        'place-order: expected it to compensate charge-payment, reserve-stock, but it compensates charge-payment.',
        '',
        'The story so far:',
        '  OrderPlaced: started',
        '  PaymentCharged: charge-payment succeeded',
        '  skipped(wrap-gift): wrap-gift skipped (condition)',
        '  StockRejected: reserve-stock rejected, doomed: rejected reserve-stock, undo charge-payment',
      ].join('\n'),
    );
    expect(fault.actual).toEqual(['charge-payment']);
    expect(fault.expected).toEqual(['charge-payment', 'reserve-stock']);
  });

  it('points at the test, not at the language', () => {
    const fault = faultOf(() => given(placeOrder).when(placed).thenNothing());
    expect(fault.stack?.split('\n').find((line) => line.includes(' at '))).toContain(
      'given.test.ts',
    );
  });

  it.each([
    [
      'to run reserve-stock, but it runs charge-payment, reserve-stock, wrap-gift.',
      () => given(placeOrder).when(placed).thenRuns(reserveStock),
    ],
    [
      'to compensate reserve-stock, but it compensates nothing.',
      () => given(placeOrder).when(placed).thenCompensates(reserveStock),
    ],
    [
      'to cancel reserve-stock, but it cancels nothing.',
      () => given(placeOrder).when(placed).thenCancels(reserveStock),
    ],
    [
      'to be completed, but it is running.',
      () => given(placeOrder).when(placed).thenEnds('completed'),
    ],
    [
      'to do nothing, but it runs ship-order.',
      () => given(placeOrder, placed, reserved, charged).when(skipped(wrapGift)).thenNothing(),
    ],
    [
      'to do nothing, but it cancels wrap-gift, compensates charge-payment, compensates reserve-stock.',
      () => given(placeOrder, placed, reserved).when(failed(chargePayment)).thenNothing(),
    ],
    [
      'to do nothing, but it is compensated.',
      () =>
        given(placeOrder, placed, skipped(wrapGift), failedNotDone(chargePayment))
          .when(new StockRejected(order))
          .thenNothing(),
    ],
  ])('%s', (what, claim) => {
    expect(faultOf(claim).message).toContain(`place-order: expected it ${what}`);
  });
});

describe('what cannot be told', () => {
  it.each([
    [
      'an event of another saga type',
      () => given(placeOrder, placed, new PigeonSent(order)),
      'place-order: shop.mail.PigeonSent is none of its events',
    ],
    [
      'an event of another saga',
      () => given(placeOrder, placed, new StockReserved({ orderId: '43' })),
      "place-order: shop.stock.StockReserved is of saga '43', the others of '42'",
    ],
    [
      'the time limit of a step that does not run yet',
      () => given(placeOrder, placed, timedOut(shipOrder)),
      'place-order: ship-order cannot time out: nothing has triggered it yet',
    ],
    [
      'the time limit of a step that ended',
      () => given(placeOrder, placed, reserved, timedOut(reserveStock)),
      'place-order: reserve-stock cannot time out: it is succeeded already',
    ],
    [
      'the time limit of an undoing that nobody asked for',
      () => given(placeOrder, placed, reserved, compensationTimedOut(reserveStock)),
      'place-order: the undoing of reserve-stock cannot time out: nobody is asked to undo it',
    ],
  ])('%s', (_, tell, message) => {
    expect(tell).toThrow(message);
    expect(tell).toThrow('The story so far:\n  OrderPlaced: started');
  });
});
