import { DatabaseSync } from 'node:sqlite';

/** The files in which the services keep their state. */
export interface ShopDatabases {
  readonly order: string;
  readonly inventory: string;
  readonly payment: string;
  readonly shipping: string;
}

/** What the services' books say of one order. */
export interface OrderBooks {
  readonly reservations: readonly BookedReservation[];
  readonly charges: readonly BookedCharge[];
  readonly shipments: number;
  readonly notifications: number;
}

export interface BookedReservation {
  readonly state: string;
  readonly units: ReadonlyMap<string, number>;
}

export interface BookedCharge {
  readonly cents: number;
  readonly refunded: boolean;
}

/** What the books say of all orders together. */
export interface BookTotals {
  readonly stock: readonly StockTotals[];
  readonly accountsCents: ReadonlyMap<string, number>;
  readonly chargedCents: number;
  readonly refundedCents: number;
}

/** Units of one SKU. */
export interface StockTotals {
  readonly sku: string;
  readonly opening: number;
  readonly onHand: number;
  readonly reserved: number;
  /** Of all reservations that are held, consumed, released. */
  readonly held: number;
  readonly consumed: number;
  readonly released: number;
}

/**
 * Reads the services' books as an auditor does: from their files, without asking the services. Owns its connections,
 * which cannot write.
 */
export class ShopBooks {
  readonly #databases: readonly DatabaseSync[];
  readonly #select;

  constructor(paths: ShopDatabases) {
    const open = (path: string) => new DatabaseSync(path, { readOnly: true });
    const order = open(paths.order);
    const inventory = open(paths.inventory);
    const payment = open(paths.payment);
    const shipping = open(paths.shipping);
    this.#databases = [order, inventory, payment, shipping];
    this.#select = {
      reservations: inventory.prepare(
        `SELECT reservation, state, sku, quantity FROM reservations
         LEFT JOIN reservation_lines USING (reservation) WHERE order_id = ? ORDER BY reservation`,
      ),
      charges: payment.prepare('SELECT cents, refunded FROM charges WHERE order_id = ?'),
      shipments: shipping.prepare('SELECT count(*) AS n FROM shipments WHERE order_id = ?'),
      notifications: order.prepare('SELECT count(*) AS n FROM notifications WHERE order_id = ?'),
      held: inventory.prepare("SELECT count(*) AS n FROM reservations WHERE state = 'held'"),
      stock: inventory.prepare(
        `SELECT sku, opening, on_hand, reserved,
           (SELECT coalesce(sum(quantity), 0) FROM reservation_lines JOIN reservations USING (reservation)
            WHERE reservation_lines.sku = stock.sku AND state = 'held') AS held,
           (SELECT coalesce(sum(quantity), 0) FROM reservation_lines JOIN reservations USING (reservation)
            WHERE reservation_lines.sku = stock.sku AND state = 'consumed') AS consumed,
           (SELECT coalesce(sum(quantity), 0) FROM reservation_lines JOIN reservations USING (reservation)
            WHERE reservation_lines.sku = stock.sku AND state = 'released') AS released
         FROM stock ORDER BY sku`,
      ),
      accounts: payment.prepare('SELECT account, balance_cents FROM accounts ORDER BY account'),
      charged: payment.prepare(
        `SELECT coalesce(sum(cents), 0) AS charged,
           coalesce(sum(cents) FILTER (WHERE refunded = 1), 0) AS refunded FROM charges`,
      ),
      orderIds: [
        inventory.prepare('SELECT DISTINCT order_id FROM reservations'),
        payment.prepare('SELECT DISTINCT order_id FROM charges'),
        shipping.prepare('SELECT DISTINCT order_id FROM shipments'),
        order.prepare('SELECT DISTINCT order_id FROM notifications'),
      ],
    };
  }

  ofOrder(orderId: string): OrderBooks {
    const { reservations, charges, shipments, notifications } = this.#select;
    const units = new Map<number, { state: string; units: Map<string, number> }>();
    for (const { reservation, state, sku, quantity } of reservations.all(orderId)) {
      const known = units.get(Number(reservation)) ?? { state: String(state), units: new Map() };
      units.set(Number(reservation), known);
      if (sku !== null) known.units.set(String(sku), Number(quantity));
    }
    return {
      reservations: [...units.values()],
      charges: charges.all(orderId).map(({ cents, refunded }) => ({
        cents: Number(cents),
        refunded: refunded === 1,
      })),
      shipments: Number(shipments.get(orderId)?.['n']),
      notifications: Number(notifications.get(orderId)?.['n']),
    };
  }

  totals(): BookTotals {
    const { stock, accounts, charged } = this.#select;
    const sums = charged.get();
    return {
      stock: stock.all().map((row) => ({
        sku: String(row['sku']),
        opening: Number(row['opening']),
        onHand: Number(row['on_hand']),
        reserved: Number(row['reserved']),
        held: Number(row['held']),
        consumed: Number(row['consumed']),
        released: Number(row['released']),
      })),
      accountsCents: new Map(
        accounts.all().map((row) => [String(row['account']), Number(row['balance_cents'])]),
      ),
      chargedCents: Number(sums?.['charged']),
      refundedCents: Number(sums?.['refunded']),
    };
  }

  /** Reservations that wait for their parcel, or for their release. */
  heldReservations(): number {
    return Number(this.#select.held.get()?.['n']);
  }

  /** The id of every order that is in any book; some of them more than once. */
  *orderIds(): Iterable<string> {
    for (const statement of this.#select.orderIds) {
      for (const row of statement.iterate()) yield String(row['order_id']);
    }
  }

  close(): void {
    for (const database of this.#databases) database.close();
  }
}
