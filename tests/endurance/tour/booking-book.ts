import { DatabaseSync } from 'node:sqlite';

/** What is booked for each tour. Owns its table; does not own the database. */
export class BookingBook {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  static open(database: DatabaseSync): void {
    database.exec(
      `CREATE TABLE IF NOT EXISTS bookings (
         booking INTEGER PRIMARY KEY, tour TEXT NOT NULL, what TEXT NOT NULL, times INTEGER NOT NULL
       ) STRICT`,
    );
  }

  static in(database: DatabaseSync): BookingBook {
    return new BookingBook(database);
  }

  /** Whoever books twice, or cancels what is not booked, finds it in the books: nothing here keeps them from it. */
  add(tour: string, what: string, times: 1 | -1): string {
    const row = this.#database
      .prepare('INSERT INTO bookings (tour, what, times) VALUES (?, ?, ?) RETURNING booking')
      .get(tour, what, times);
    return `${what}-${String(row?.['booking'])}`;
  }

  /** How often each thing is booked now for a tour: cancelled ones count 0. */
  static read(path: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const tours = new Map<string, Map<string, number>>();
      const sums = database.prepare(
        'SELECT tour, what, sum(times) AS n FROM bookings GROUP BY 1, 2',
      );
      for (const { tour, what, n } of sums.iterate()) {
        const own = tours.get(String(tour)) ?? new Map<string, number>();
        tours.set(String(tour), own.set(String(what), Number(n)));
      }
      return tours;
    } finally {
      database.close();
    }
  }
}
