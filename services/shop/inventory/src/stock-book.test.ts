import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import { StockBook } from './stock-book.ts';

let database: DatabaseSync;
let book: StockBook;
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  StockBook.open(
    database,
    new Map([
      ['mask', 10],
      ['sword', 3],
    ]),
  );
  book = StockBook.in(database);
});

const stock = () =>
  database
    .prepare('SELECT sku, on_hand, reserved FROM stock ORDER BY sku')
    .all()
    .map(({ sku, on_hand: onHand, reserved }) => [sku, onHand, reserved]);

describe('StockBook', () => {
  test('puts every line aside', () => {
    const lines = [
      { sku: 'mask', quantity: 2 },
      { sku: 'sword', quantity: 1 },
    ];
    expect(book.reserve('o-1', lines)).toEqual({
      kind: 'reserved',
      reservationId: 'R-1',
      items: 3,
    });
    expect(stock()).toEqual([
      ['mask', 10, 2],
      ['sword', 3, 1],
    ]);
  });

  test('puts nothing aside when one line cannot be fulfilled', () => {
    const tooMany = [
      { sku: 'mask', quantity: 1 },
      { sku: 'sword', quantity: 4 },
    ];
    const shortage = { kind: 'too-little-stock', sku: 'sword', units: 4, available: 3 };
    expect(book.reserve('o-1', tooMany)).toEqual(shortage);
    const unknown = [
      { sku: 'mask', quantity: 1 },
      { sku: 'moon', quantity: 1 },
    ];
    expect(book.reserve('o-2', unknown)).toEqual({ kind: 'unknown-sku', sku: 'moon' });
    expect(stock()).toEqual([
      ['mask', 10, 0],
      ['sword', 3, 0],
    ]);
  });

  test('two lines of one SKU together ask for no more than there is', () => {
    const lines = [
      { sku: 'sword', quantity: 2 },
      { sku: 'sword', quantity: 2 },
    ];
    expect(book.reserve('o-1', lines)).toMatchObject({ kind: 'too-little-stock', units: 4 });
  });

  test('what is put aside is not there for others, until it is released', () => {
    book.reserve('o-1', [{ sku: 'sword', quantity: 2 }]);
    const two = [{ sku: 'sword', quantity: 2 }];
    expect(book.reserve('o-2', two)).toMatchObject({ kind: 'too-little-stock', available: 1 });
    expect(book.release('o-1')).toBe(2);
    expect(book.reserve('o-2', two)).toMatchObject({ kind: 'reserved' });
  });

  test('what is consumed has left the shelf, for good', () => {
    book.reserve('o-1', [{ sku: 'mask', quantity: 4 }]);
    expect(book.consume('o-1')).toBe(4);
    expect(book.release('o-1')).toBe(0);
    expect(stock()[0]).toEqual(['mask', 6, 0]);
  });

  test('releasing and consuming what is not held changes nothing', () => {
    expect([book.release('o-1'), book.consume('o-1')]).toEqual([0, 0]);
    expect(stock()).toEqual([
      ['mask', 10, 0],
      ['sword', 3, 0],
    ]);
  });

  test('opened again it keeps its stock', () => {
    book.reserve('o-1', [{ sku: 'mask', quantity: 4 }]);
    book.consume('o-1');
    StockBook.open(
      database,
      new Map([
        ['mask', 10],
        ['horn', 1],
      ]),
    );
    expect(stock()).toEqual([
      ['horn', 1, 0],
      ['mask', 6, 0],
      ['sword', 3, 0],
    ]);
  });
});
