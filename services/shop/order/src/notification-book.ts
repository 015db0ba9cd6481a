import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Owns the record of what customers were told. Does not own transactions: every method runs in its caller's.
 *
 * Nothing forbids two mails about one order: a doubled effect must show in the book, not be hidden by it.
 */
export class NotificationBook {
  readonly #add: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#add = database.prepare(
      'INSERT INTO notifications (order_id, email, message_id) VALUES (?, ?, ?)',
    );
  }

  /** Makes the table where it is missing. */
  static open(database: DatabaseSync): void {
    database.exec(`
      CREATE TABLE IF NOT EXISTS notifications (
        notification INTEGER PRIMARY KEY,
        order_id TEXT NOT NULL,
        email TEXT NOT NULL,
        message_id TEXT NOT NULL
      ) STRICT;
      CREATE INDEX IF NOT EXISTS notifications_of_order ON notifications (order_id);`);
  }

  /** The book in a database that was opened; its statements are prepared once. */
  static in(database: DatabaseSync): NotificationBook {
    const book = books.get(database) ?? new NotificationBook(database);
    books.set(database, book);
    return book;
  }

  add(orderId: string, email: string, messageId: string): void {
    this.#add.run(orderId, email, messageId);
  }
}

const books = new WeakMap<DatabaseSync, NotificationBook>();
