import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Owns the parcels that left the house. Does not own transactions: every method runs in its caller's.
 *
 * Nothing forbids two parcels for one order: a doubled effect must show in the book, not be hidden by it.
 */
export class ShipmentBook {
  readonly #add: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      'INSERT INTO shipments (order_id, carrier, reservation_id, charge_id) VALUES (?, ?, ?, ?)',
    );
  }

  /** Makes the table where it is missing. */
  static open(database: DatabaseSync): void {
    database.exec(`
      CREATE TABLE IF NOT EXISTS shipments (
        shipment INTEGER PRIMARY KEY,
        order_id TEXT NOT NULL,
        carrier TEXT NOT NULL,
        reservation_id TEXT NOT NULL,
        charge_id TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS shipments_of_order ON shipments (order_id);`);
  }

  /** The book in a database that was opened; its statements are prepared once. */
  static in(database: DatabaseSync): ShipmentBook {
    const book = books.get(database) ?? new ShipmentBook(database);
    books.set(database, book);
    return book;
  }

  /** Returns the number that the parcel is followed by. */
  ship({ orderId, carrier, reservationId, chargeId }: Parcel): string {
    const { lastInsertRowid } = this.#add.run(orderId, carrier, reservationId, chargeId);
    return `T-${lastInsertRowid}`;
  }
}

export interface Parcel {
  readonly orderId: string;
  readonly carrier: string;
  readonly reservationId: string;
  readonly chargeId: string;
}

const books = new WeakMap<DatabaseSync, ShipmentBook>();
