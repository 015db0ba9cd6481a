import { type HandMadeLog, ref, type Written } from './hand-made-log.ts';

const lines = [{ quantity: 2 }, { quantity: 1 }];
const placed = { totalCents: 500, lines };
const idOf = ({ headers }: Written) => headers['ce_id'] ?? '';

/** An order that went through, as it has to look in the log. */
export function completedOrder(log: HandMadeLog, key: string) {
  const { start, stock, charge, request } = beginOrder(log, key);
  const shipped = log.outcome(key, 'ship-order', 'shop.shipping.OrderShipped', { cause: request });
  log.life(key, { type: 'step-succeeded', step: 'ship-order', eventId: idOf(shipped) });
  const mail = log.outcome(key, 'notify-customer', 'shop.orders.CustomerNotified', {
    cause: shipped,
  });
  const end = log.life(
    key,
    { type: 'step-succeeded', step: 'notify-customer', eventId: idOf(mail) },
    { type: 'saga-completed' },
  );
  const state = log.state(`saga/place-order/${key}`, {
    revision: 3,
    progress: {
      saga: ref,
      phase: 'completed',
      sinceMs: atMsIn(end),
      startEventId: idOf(start),
      deviations: 0,
      steps: {
        'reserve-stock': { successes: [idOf(stock)] },
        'charge-payment': { successes: [idOf(charge)] },
        'ship-order': { requests: 1, successes: [idOf(shipped)] },
        'notify-customer': { successes: [idOf(mail)] },
      },
    },
  });
  return { start, stock, charge, request, shipped, mail, end, state };
}

/** An order to a place that is not served: all is undone, the payment before the stock. */
export function compensatedOrder(log: HandMadeLog, key: string) {
  const { start, stock, charge, request } = beginOrder(log, key);
  const refused = log.outcome(key, 'ship-order', 'shop.shipping.ShipmentRefused', {
    cause: request,
  });
  const undoCharge = log.request(key, 'charge-payment', idOf(charge));
  const doomed = log.life(
    key,
    { type: 'step-rejected', step: 'ship-order', eventId: idOf(refused) },
    { type: 'saga-doomed', cause: 'rejected', step: 'ship-order' },
    {
      type: 'compensation-requested',
      step: 'charge-payment',
      undoes: idOf(charge),
      requestNumber: 1,
    },
  );
  const refund = log.outcome(key, 'charge-payment', 'shop.payment.PaymentRefunded', {
    payload: { cents: 500 },
    cause: undoCharge,
    undoes: idOf(charge),
  });
  const undoStock = log.request(key, 'reserve-stock', idOf(stock));
  const undone = log.life(
    key,
    { type: 'step-compensated', step: 'charge-payment', undoes: idOf(charge) },
    {
      type: 'compensation-requested',
      step: 'reserve-stock',
      undoes: idOf(stock),
      requestNumber: 1,
    },
  );
  const release = log.outcome(key, 'reserve-stock', 'shop.stock.StockReleased', {
    payload: { items: 3 },
    cause: undoStock,
    undoes: idOf(stock),
  });
  const end = log.life(
    key,
    { type: 'step-compensated', step: 'reserve-stock', undoes: idOf(stock) },
    { type: 'saga-compensated' },
  );
  const undoing = (undoes: string) => ({ [undoes]: { state: 'compensated', requests: 1 } });
  const state = log.state(`saga/place-order/${key}`, {
    revision: 4,
    progress: {
      saga: ref,
      phase: 'compensated',
      sinceMs: atMsIn(end),
      startEventId: idOf(start),
      doom: { cause: 'rejected', step: 'ship-order' },
      deviations: 0,
      steps: {
        'reserve-stock': { successes: [idOf(stock)], undoings: undoing(idOf(stock)) },
        'charge-payment': { successes: [idOf(charge)], undoings: undoing(idOf(charge)) },
        'ship-order': { requests: 1, rejection: idOf(refused) },
      },
    },
  });
  const undo = { undoCharge, refund, undoStock, release };
  return { start, stock, charge, request, refused, doomed, undone, end, state, ...undo };
}

/** Until its shipping was asked for. */
function beginOrder(log: HandMadeLog, key: string) {
  const start = log.start(key, placed);
  const stock = log.outcome(key, 'reserve-stock', 'shop.stock.StockReserved', {
    payload: { items: 3 },
    cause: start,
  });
  const charge = log.outcome(key, 'charge-payment', 'shop.payment.PaymentCharged', {
    payload: { cents: 500 },
    cause: stock,
  });
  log.life(
    key,
    { type: 'saga-started', saga: ref, eventId: idOf(start), deadlineMs: 1 },
    { type: 'step-succeeded', step: 'reserve-stock', eventId: idOf(stock) },
    { type: 'step-succeeded', step: 'charge-payment', eventId: idOf(charge) },
    { type: 'step-requested', step: 'ship-order', requestNumber: 1 },
  );
  const request = log.request(key, 'ship-order');
  return { start, stock, charge, request };
}

function atMsIn({ value }: Written): number {
  return JSON.parse(String(value))[0].atMs;
}
