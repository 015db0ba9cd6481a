import { defineEvent, defineSaga, defineStep, t } from '@troupe/core';
import { given } from './given.ts';
import { failed, timedOut } from './step-outcome.ts';

const orderId = t.string().key();
class OrderPlaced extends defineEvent('shop.OrderPlaced', { orderId }) {}
class StockReserved extends defineEvent('shop.StockReserved', { orderId }) {}
class CardCharged extends defineEvent('shop.CardCharged', { orderId }) {}

const reserveStock = defineStep('reserve-stock', { after: OrderPlaced, emits: StockReserved });
const chargeCard = defineStep('charge-card', { after: OrderPlaced, emits: CardCharged });
const placeOrder = defineSaga('place-order', {
  version: 1,
  startsOn: OrderPlaced,
  steps: [reserveStock],
});
const placed = new OrderPlaced({ orderId: '1' });

given(placeOrder, placed, failed(reserveStock)).when(timedOut(reserveStock)).thenRuns(reserveStock);

// @ts-expect-error: a step that is not in the saga cannot fail in it
given(placeOrder, failed(chargeCard));

// @ts-expect-error: nor time out
given(placeOrder, placed).when(timedOut(chargeCard));

// @ts-expect-error: nor be undone
given(placeOrder, placed).when(failed(reserveStock)).thenCompensates(chargeCard);

// @ts-expect-error: nor begin
given(placeOrder).when(placed).thenRuns(chargeCard);

// @ts-expect-error: a payload is no event
given(placeOrder, { orderId: '1' });

// @ts-expect-error: nor is the class of an event
given(placeOrder).when(OrderPlaced);

// @ts-expect-error: a saga ends completed, compensated or stuck
given(placeOrder).when(placed).thenEnds('done');

// @ts-expect-error: there is no bare then
given(placeOrder).then(reserveStock);
