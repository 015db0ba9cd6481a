import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import { ChargeBook } from './charge-book.ts';

let database: DatabaseSync;
let book: ChargeBook;
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  ChargeBook.open(database);
  book = ChargeBook.in(database);
});

const balances = () =>
  Object.fromEntries(
    database
      .prepare('SELECT account, balance_cents FROM accounts')
      .all()
      .map((row) => [row['account'], row['balance_cents']]),
  );

describe('ChargeBook', () => {
  test('a charge moves money from the customers to the shop', () => {
    expect(book.charge('o-1', 500)).toBe('C-1');
    expect(book.charge('o-2', 250)).toBe('C-2');
    expect(balances()).toEqual({ customers: -750, shop: 750 });
  });

  test('a refund moves it back, once', () => {
    book.charge('o-1', 500);
    book.charge('o-2', 250);
    expect([book.refund('o-1'), book.refund('o-1')]).toEqual([500, 0]);
    expect(balances()).toEqual({ customers: -250, shop: 250 });
  });

  test('nothing is given back where nothing was charged', () => {
    expect(book.refund('o-1')).toBe(0);
    expect(balances()).toEqual({ customers: 0, shop: 0 });
  });

  test('opened again it keeps its accounts', () => {
    book.charge('o-1', 500);
    ChargeBook.open(database);
    expect(balances()).toEqual({ customers: -500, shop: 500 });
  });
});
