import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Owns the charges, and two accounts kept in double entry: `customers` and `shop`. Does not own transactions: every
 * method runs in its caller's.
 *
 * 1. The accounts add up to zero.
 * 2. The balance of `shop` is the sum of all charges that are not refunded.
 *
 * Nothing forbids two charges of one order: a doubled effect must show in the book, not be hidden by it.
 */
export class ChargeBook {
  readonly #addCharge: StatementSync;
  readonly #openCharge: StatementSync;
  readonly #setRefunded: StatementSync;
  readonly #move: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#addCharge = database.prepare('INSERT INTO charges (order_id, cents) VALUES (?, ?)');
    this.#openCharge = database.prepare(
      'SELECT charge, cents FROM charges WHERE order_id = ? AND refunded = 0 ORDER BY charge LIMIT 1',
    );
    this.#setRefunded = database.prepare('UPDATE charges SET refunded = 1 WHERE charge = ?');
    this.#move = database.prepare(
      'UPDATE accounts SET balance_cents = balance_cents + ? WHERE account = ?',
    );
  }

  /** Makes the tables where they are missing. */
  static open(database: DatabaseSync): void {
    database.exec(`
      CREATE TABLE IF NOT EXISTS accounts (
        account TEXT PRIMARY KEY NOT NULL,
        balance_cents INTEGER NOT NULL
      ) STRICT;
      INSERT INTO accounts VALUES ('customers', 0), ('shop', 0) ON CONFLICT DO NOTHING;
      CREATE TABLE IF NOT EXISTS charges (
        charge INTEGER PRIMARY KEY,
        order_id TEXT NOT NULL,
        cents INTEGER NOT NULL,
        refunded INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX IF NOT EXISTS charges_of_order ON charges (order_id);`);
  }

  /** The book in a database that was opened; its statements are prepared once. */
  static in(database: DatabaseSync): ChargeBook {
    const book = books.get(database) ?? new ChargeBook(database);
    books.set(database, book);
    return book;
  }

  /** Returns the charge's id. */
  charge(orderId: string, cents: number): string {
    const { lastInsertRowid } = this.#addCharge.run(orderId, cents);
    this.#pay('customers', 'shop', cents);
    return `C-${lastInsertRowid}`;
  }

  /** Gives back what the order was charged. Returns the cents; 0 when there is nothing to give back. */
  refund(orderId: string): number {
    const open = this.#openCharge.get(orderId);
    if (open === undefined) return 0;
    const cents = Number(open['cents']);
    this.#setRefunded.run(Number(open['charge']));
    this.#pay('shop', 'customers', cents);
    return cents;
  }

  #pay(from: Account, to: Account, cents: number): void {
    this.#move.run(-cents, from);
    this.#move.run(cents, to);
  }
}

type Account = 'customers' | 'shop';

const books = new WeakMap<DatabaseSync, ChargeBook>();
