import { on } from '@troupe/core';
import { StepFailed } from '@troupe/core/internal';
import { createSqliteInbox, type SqliteInbox } from '@troupe/sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order, reserved, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { OrderPlaced } from './shop.ts';

let world: ParticipantWorld;
let inbox: SqliteInbox;
beforeEach(async () => {
  world = await ParticipantWorld.open();
  inbox = createSqliteInbox({
    path: ':memory:',
    onOpen: (db) => db.exec('CREATE TABLE shelf (order_id TEXT)'),
  });
});
afterEach(() => world.close());

const shelf = () => inbox.database.prepare('SELECT order_id FROM shelf').all();
const insert = (db: SqliteInbox['database'], orderId: string) =>
  db.prepare('INSERT INTO shelf (order_id) VALUES (?)').run(orderId);
const wayOut = /SQLite's transaction is synchronous.*Await what you need first/;

describe('asynchronous work in a transaction of SQLite', () => {
  it('is refused before it runs, and the failure of its step says what to do', async () => {
    const handler = stock(({ orderId }, ctx) =>
      ctx.transaction(inbox, async (db) => {
        await null;
        insert(db, orderId);
        return reserved(orderId);
      }),
    );
    await world.started({ inbox, handlers: [handler] });
    await world.send(order('1'));
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    const failed = await world.serde.decode(value, StepFailed);
    expect(failed).toMatchObject({ code: 'terminal', message: expect.stringMatching(wayOut) });
    expect(shelf()).toEqual([]);
  });

  it('is refused before it runs where an event is only consumed, too', async () => {
    const handler = on(OrderPlaced, ({ orderId }, ctx) =>
      ctx.transaction(inbox, async (db) => {
        await null;
        insert(db, orderId);
      }),
    );
    await world.started({ inbox, handlers: [handler] });
    await world.send(order('1'));
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    const [letter] = world.of('stock.dead-letter');
    expect(letter?.headers['troupe_dead_letter_message']).toMatch(wayOut);
    expect(shelf()).toEqual([]);
  });
});
