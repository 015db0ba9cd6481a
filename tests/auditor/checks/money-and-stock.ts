import type { Evidence, SagaEvidence } from '../log/evidence.ts';
import type { RawRecord } from '../log/raw-record.ts';

/** What the events say of one order, or of all together. */
interface Sums {
  readonly paidCents: number;
  readonly refundedCents: number;
  readonly reservedItems: number;
  readonly releasedItems: number;
  readonly parcels: number;
  readonly mails: number;
}

/** What the shop's events say of money and goods: both leave the shop for a parcel, or come back whole. */
export function* moneyAndStock(evidence: Evidence): Iterable<string> {
  for (const saga of evidence.sagas) {
    if (saga.definition.name !== 'place-order') continue;
    for (const fault of faultsOf(saga, evidence)) yield `${saga.id} ${fault}`;
  }
}

function* faultsOf(saga: SagaEvidence, evidence: Evidence): Iterable<string> {
  const { paidCents, refundedCents, reservedItems, releasedItems, parcels, mails } = sumsOf(
    saga,
    evidence,
  );
  const [start] = saga.starts;
  const order = start === undefined ? {} : evidence.payloadOf(start);
  const isCompleted = saga.life.some(({ type }) => type === 'saga-completed');
  const cents = isCompleted ? Number(order['totalCents']) : 0;
  const items = isCompleted ? itemsOf(order['lines']) : 0;
  const end = isCompleted ? 'completed' : 'not completed';
  if (paidCents - refundedCents !== cents) {
    yield `is ${end}: ${paidCents} cents charged, ${refundedCents} refunded, ${cents} had to stay`;
  }
  if (reservedItems - releasedItems !== items) {
    yield `is ${end}: ${reservedItems} items reserved, ${releasedItems} put back, ${items} had to go`;
  }
  const wanted = isCompleted ? 1 : 0;
  if (parcels !== wanted) yield `is ${end}, and ${parcels} parcels were sent`;
  if (mails !== wanted) yield `is ${end}, and ${mails} mails were sent`;
}

/** Every event counts once, however often it was sent. */
function sumsOf({ outcomes }: SagaEvidence, { payloadOf }: Evidence): Sums {
  const events = [...new Map(outcomes.map(({ id, record }) => [id, record])).values()];
  const of = (type: string): RawRecord[] =>
    events.filter(({ headers }) => headers['ce_type'] === type);
  const sum = (type: string, field: string) =>
    of(type).reduce((total, record) => total + Number(payloadOf(record)[field]), 0);
  return {
    paidCents: sum('shop.payment.PaymentCharged', 'cents'),
    refundedCents: sum('shop.payment.PaymentRefunded', 'cents'),
    reservedItems: sum('shop.stock.StockReserved', 'items'),
    releasedItems: sum('shop.stock.StockReleased', 'items'),
    parcels: of('shop.shipping.OrderShipped').length,
    mails: of('shop.orders.CustomerNotified').length,
  };
}

function itemsOf(lines: unknown): number {
  const given = Array.isArray(lines) ? (lines as readonly { readonly quantity: number }[]) : [];
  return given.reduce((total, { quantity }) => total + quantity, 0);
}
