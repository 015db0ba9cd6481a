import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Owns the tables of the warehouse: what lies on the shelves, and what is put aside for which order. Does not own
 * transactions: every method runs in its caller's.
 *
 * 1. 0 <= reserved <= on_hand for every SKU.
 * 2. reserved is the sum of the lines of all reservations that are held.
 * 3. on_hand plus the lines of all consumed reservations is the opening stock.
 *
 * Nothing forbids two reservations of one order: a doubled effect must show in the book, not be hidden by it.
 */
export class StockBook {
  readonly #stockOf: StatementSync;
  readonly #changeStock: StatementSync;
  readonly #addReservation: StatementSync;
  readonly #addLine: StatementSync;
  readonly #linesOf: StatementSync;
  readonly #heldFor: StatementSync;
  readonly #setState: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#stockOf = database.prepare('SELECT on_hand, reserved FROM stock WHERE sku = ?');
    this.#changeStock = database.prepare(
      'UPDATE stock SET on_hand = on_hand + ?, reserved = reserved + ? WHERE sku = ?',
    );
    this.#addReservation = database.prepare(
      "INSERT INTO reservations (order_id, state) VALUES (?, 'held')",
    );
    this.#addLine = database.prepare(
      'INSERT INTO reservation_lines (reservation, sku, quantity) VALUES (?, ?, ?)',
    );
    this.#linesOf = database.prepare(
      'SELECT sku, quantity FROM reservation_lines WHERE reservation = ?',
    );
    this.#heldFor = database.prepare(
      "SELECT reservation FROM reservations WHERE order_id = ? AND state = 'held' ORDER BY reservation LIMIT 1",
    );
    this.#setState = database.prepare('UPDATE reservations SET state = ? WHERE reservation = ?');
  }

  /** Makes the tables where they are missing, and fills the shelves of a new warehouse. */
  static open(database: DatabaseSync, openingStock: ReadonlyMap<string, number>): void {
    database.exec(`
      CREATE TABLE IF NOT EXISTS stock (
        sku TEXT PRIMARY KEY NOT NULL,
        opening INTEGER NOT NULL,
        on_hand INTEGER NOT NULL,
        reserved INTEGER NOT NULL DEFAULT 0,
        CHECK (0 <= reserved AND reserved <= on_hand)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS reservations (
        reservation INTEGER PRIMARY KEY,
        order_id TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'released', 'consumed'))
      ) STRICT;
      CREATE INDEX IF NOT EXISTS reservations_of_order ON reservations (order_id);
      CREATE TABLE IF NOT EXISTS reservation_lines (
        reservation INTEGER NOT NULL REFERENCES reservations,
        sku TEXT NOT NULL,
        quantity INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS lines_of_reservation ON reservation_lines (reservation);`);
    const stock = database.prepare(
      'INSERT INTO stock (sku, opening, on_hand) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    for (const [sku, units] of openingStock) stock.run(sku, units, units);
  }

  /** The book in a database that was opened; its statements are prepared once. */
  static in(database: DatabaseSync): StockBook {
    const book = books.get(database) ?? new StockBook(database);
    books.set(database, book);
    return book;
  }

  /** Puts every line aside, or nothing. */
  reserve(orderId: string, lines: readonly StockLine[]): Reservation | Shortage {
    const wanted = unitsBySku(lines);
    for (const [sku, units] of wanted) {
      const stock = this.#stockOf.get(sku);
      if (stock === undefined) return { kind: 'unknown-sku', sku };
      const available = Number(stock['on_hand']) - Number(stock['reserved']);
      if (available < units) return { kind: 'too-little-stock', sku, units, available };
    }
    const reservation = Number(this.#addReservation.run(orderId).lastInsertRowid);
    let items = 0;
    for (const [sku, units] of wanted) {
      this.#changeStock.run(0, units, sku);
      this.#addLine.run(reservation, sku, units);
      items += units;
    }
    return { kind: 'reserved', reservationId: `R-${reservation}`, items };
  }

  /** Puts back what is held for the order. Returns how many units that were; 0 when nothing is held. */
  release(orderId: string): number {
    return this.#end(orderId, 'released');
  }

  /** What is held for the order has left the house. Returns how many units that were; 0 when nothing is held. */
  consume(orderId: string): number {
    return this.#end(orderId, 'consumed');
  }

  #end(orderId: string, state: 'released' | 'consumed'): number {
    const reservation = this.#heldFor.get(orderId)?.['reservation'];
    if (typeof reservation !== 'number') return 0;
    let items = 0;
    for (const { sku, quantity } of this.#linesOf.all(reservation)) {
      const units = Number(quantity);
      this.#changeStock.run(state === 'consumed' ? -units : 0, -units, String(sku));
      items += units;
    }
    this.#setState.run(state, reservation);
    return items;
  }
}

export interface StockLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface Reservation {
  readonly kind: 'reserved';
  readonly reservationId: string;
  readonly items: number;
}

export type Shortage =
  | { readonly kind: 'unknown-sku'; readonly sku: string }
  | {
      readonly kind: 'too-little-stock';
      readonly sku: string;
      readonly units: number;
      readonly available: number;
    };

const books = new WeakMap<DatabaseSync, StockBook>();

/** Two lines may name one SKU: together they must not ask for more than there is. */
function unitsBySku(lines: readonly StockLine[]): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}
