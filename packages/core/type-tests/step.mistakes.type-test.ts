import { defineSaga, defineStep } from '@troupe/core';
import {
  chargePayment,
  OrderPlaced,
  OrderShipped,
  PaymentCharged,
  placeOrder,
  reserveStock,
  StockReserved,
  shipOrder,
  wrapGift,
} from './contracts.ts';

// @ts-expect-error
// Cannot find name 'reserveStok'. Did you mean 'reserveStock'?
defineStep('typo', { after: reserveStok, emits: PaymentCharged });

// Two steps that wait for each other do not compile.
// @ts-expect-error
// Block-scoped variable 'b' used before its declaration.
// biome-ignore lint/correctness/noInvalidUseBeforeDeclaration: that is the mistake.
const a = defineStep('a', { after: b, emits: StockReserved });
// @ts-expect-error
// 'b' implicitly has type 'any' because it does not have a type annotation and is referenced directly or indirectly in its own initializer.
const b = defineStep('b', { after: a, emits: PaymentCharged });

// @ts-expect-error
// Type 'string' is not assignable to type 'After'.
defineStep('s', { after: 'reserve-stock', emits: OrderShipped });

// @ts-expect-error
// Type 'Saga<"place-order",
// is not assignable to type 'After'.
defineStep('s', { after: placeOrder, emits: OrderShipped });

// @ts-expect-error
// Type 'string' is not assignable to type 'Member | undefined'.
defineStep('s', { after: { stock: 'reserve-stock' }, emits: OrderShipped });

// @ts-expect-error
// TroupeTypeError<"step 'ship-order' has no 'rejects' event, so nothing can wait for its refusal">
defineStep('s', { after: shipOrder.rejected, emits: PaymentCharged });

defineStep('s', {
  // @ts-expect-error
  // TroupeTypeError<"step 'ship-order' has no 'rejects' event, so nothing can wait for its refusal">
  after: { order: OrderPlaced, refused: shipOrder.rejected },
  emits: PaymentCharged,
});

// @ts-expect-error
// Type 'Optional<GiftWrapped>' is not assignable to type 'After'.
defineStep('s', { after: wrapGift.optional, emits: PaymentCharged });

// @ts-expect-error
// 'emit' does not exist in type
// Did you mean to write 'emits'?
defineStep('s', { after: reserveStock, emit: OrderShipped });

// @ts-expect-error
// Property 'emits' is missing in type
defineStep('s', { after: reserveStock });

// @ts-expect-error
// is not assignable to type 'AnyEventClass'.
defineStep('s', { after: reserveStock, emits: chargePayment });

defineStep('s', {
  after: reserveStock,
  emits: OrderShipped,
  // @ts-expect-error
  // Property 'reservationID' does not exist on type 'StockReserved'. Did you mean 'reservationId'?
  when: (stock) => stock.reservationID !== '',
});

defineStep('s', {
  after: { gift: wrapGift.optional, stock: reserveStock },
  emits: OrderShipped,
  // @ts-expect-error
  // 'gift' is possibly 'undefined'.
  when: ({ gift }) => gift.paper !== '',
});

// @ts-expect-error
// Type 'string' is not assignable to type 'number'.
defineStep('s', { after: reserveStock, emits: OrderShipped, timeoutMs: '30s' });

// @ts-expect-error
// 'attempts' does not exist in type 'RetryOptions'.
defineStep('s', { after: reserveStock, emits: OrderShipped, retry: { attempts: 5 } });

// @ts-expect-error
// Type 'typeof OrderShipped' is missing the following properties from type 'Step<
defineSaga('s', { version: 1, startsOn: OrderPlaced, steps: [reserveStock, OrderShipped] });

// @ts-expect-error
// is not assignable to type 'AnyEventClass'.
defineSaga('s', { version: 1, startsOn: reserveStock, steps: [reserveStock] });

// @ts-expect-error
// Property 'version' is missing in type
defineSaga('s', { startsOn: OrderPlaced, steps: [reserveStock] });

// @ts-expect-error
// is missing the following properties from type 'Step<
defineSaga('s', { version: 1, startsOn: OrderPlaced, steps: [chargePayment.rejected] });
