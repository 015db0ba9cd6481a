import type { OrderEnds } from '../observer/order-ends.ts';
import { expectedEnd } from '../orders/expected-end.ts';
import type { OrderSeries } from '../orders/order-series.ts';
import { FaultList } from './fault-list.ts';
import { orderFaults } from './order-faults.ts';
import { type BookTotals, ShopBooks, type ShopDatabases } from './shop-books.ts';
import { totalFaults } from './total-faults.ts';

export interface AuditOptions {
  readonly databases: ShopDatabases;
  readonly series: OrderSeries;
  readonly ends: OrderEnds;
  /** True: whatever is not of this series is a fault. False: others use the shop too. */
  readonly alone: boolean;
  /** Some services were away for so long that an order may have come to nothing by a time limit alone. */
  readonly mayTimeOut?: boolean | undefined;
}

export interface Audit {
  readonly faults: FaultList;
  readonly totals: BookTotals;
}

/** Holds every order against its data, and the books of all services against each other. */
export function audit({ databases, series, ends, alone, mayTimeOut }: AuditOptions): Audit {
  const faults = new FaultList();
  const books = new ShopBooks(databases);
  try {
    for (let index = 0; index < series.count; index += 1) {
      const order = series.at(index);
      const { orderId, lines } = order;
      const end = ends.end(index);
      const wrongEnd = endFault(order, end, ends.reasons(index), mayTimeOut);
      if (wrongEnd !== undefined) faults.add(`${orderId} ${wrongEnd}`);
      for (const fault of orderFaults(lines, end, books.ofOrder(orderId))) {
        faults.add(`${orderId} (${end}): ${fault}`);
      }
    }
    if (alone) {
      for (const orderId of books.orderIds()) {
        if (series.indexOf(orderId) === undefined) faults.add(`${orderId}: nobody placed it`);
      }
    }
    const totals = books.totals();
    for (const fault of totalFaults(totals)) faults.add(fault);
    return { faults, totals };
  } finally {
    books.close();
  }
}

function isTimeOut(reason: string): boolean {
  return /^(saga-)?timed-out\b/.test(reason);
}

/** Undefined: the order ended as its data says. */
export function endFault(
  order: Parameters<typeof expectedEnd>[0],
  end: ReturnType<OrderEnds['end']>,
  reasons: readonly string[],
  mayTimeOut = false,
): string | undefined {
  if (mayTimeOut && end === 'compensated' && reasons.some(isTimeOut)) return undefined;
  const expected = expectedEnd(order);
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  if (end === 'open') return `is lost: it never ended${why}`;
  if (end !== expected.kind) return `is ${end}${why}, and had to be ${expected.kind}`;
  if (expected.kind === 'completed') return undefined;
  const unexpected = reasons.filter((reason) => !expected.reasons.includes(reason));
  return reasons.length === 0 || unexpected.length > 0
    ? `is compensated${why || ' without a reason'}, and the reason had to be ${expected.reasons.join(' or ')}`
    : undefined;
}
