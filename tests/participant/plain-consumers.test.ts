import { on, TerminalError } from '@troupe/core';
import { headerNames } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { OrderPlaced, StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
});
afterEach(() => world.close());

describe('a plain consumer', () => {
  it('handles every event of its type once, in a saga or not', async () => {
    const inbox = new DatabaseInbox();
    const handler = on(OrderPlaced, (event, ctx) =>
      ctx.transaction(inbox, (tx) => tx.write(`${event.orderId} ${ctx.eventId}`)),
    );
    await world.started({ inbox, handlers: [handler] });
    const first = await world.send(order('1'), { saga: null });
    const second = await world.send(order('2'), { saga: 'unknown@7#0123456789abcdef' });
    await world.send(order('1'), { id: first, saga: null });
    const third = await world.send(order('3'));
    await world.until('all', () => inbox.database.effects.length === 3);
    await world.settle();
    expect(inbox.database.effects).toEqual([`1 ${first}`, `2 ${second}`, `3 ${third}`]);
    expect([...inbox.database.rows.values()].map(({ status }) => status)).toEqual(
      Array(3).fill('handled'),
    );
  });

  it('takes events of one id from different sources for different ones (I7)', async () => {
    const inbox = new DatabaseInbox();
    const seen: string[] = [];
    const handler = on(OrderPlaced, async ({ orderId }) => {
      seen.push(orderId);
    });
    await world.started({ inbox, handlers: [handler] });
    const from = (ce_source: string) => ({ id: '1', saga: null, headers: { ce_source } });
    await world.send(order('a'), from('shop'));
    await world.send(order('b'), from('https://shop.example/till'));
    await world.send(order('b'), from('https://shop.example/till'));
    await world.send(order('c'), from('https://shop.example'));
    await world.until('all', () => seen.length === 3);
    await world.settle();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('is noted as done when it uses no transaction', async () => {
    const inbox = new DatabaseInbox();
    let calls = 0;
    const handler = on(OrderPlaced, async () => {
      calls += 1;
    });
    await world.started({ inbox, handlers: [handler] });
    const id = await world.send(order('1'));
    await world.send(order('1'), { id });
    await world.send(order('2'));
    await world.until('both', () => inbox.database.rows.size === 2);
    expect(calls).toBe(2);
  });

  it('is tried again, and then its event is a dead letter', async () => {
    let calls = 0;
    const handler = on(OrderPlaced, async () => {
      calls += 1;
      throw new Error('no printer');
    });
    const limits = { attemptsMax: 2 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [handler], limits });
    const id = await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    world.clock.advance(100);
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect(calls).toBe(2);
    expect(world.of('stock.dead-letter')[0]?.headers).toMatchObject({
      ce_id: id,
      troupe_dead_letter_code: 'attempts-exhausted',
      troupe_dead_letter_message: 'no printer',
      troupe_dead_letter_attempt: '2',
    });
    expect(world.of('troupe.outcomes')).toEqual([]);
    // Redriven: the same event once more.
    await world.send(order('1'), { id });
    await world.until('it is handled again', () => calls === 3);
  });

  it('gets no event that cannot be decoded', async () => {
    const handler = on(OrderPlaced, async () => {
      throw new TerminalError('not to be called');
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [handler] });
    await world.send(order('1'), { value: Uint8Array.of(7) });
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect(world.of('stock.dead-letter')[0]?.headers['troupe_dead_letter_code']).toBe(
      'poison-message',
    );
  });

  it('publishes because of an event, the same again when it handles the event again', async () => {
    let calls = 0;
    const handler = on(OrderPlaced, async ({ orderId }, { publish, attempt }) => {
      calls += 1;
      await publish(new StockReserved({ orderId, shelf: 'a' }));
      await publish(new StockReserved({ orderId, shelf: 'b' }));
      if (attempt === 1) throw new Error('after it');
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [handler] });
    const id = await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    world.clock.advance(100);
    await world.until('all', () => world.of(StockReserved).length === 4);
    expect(calls).toBe(2);
    const ids = world.of(StockReserved).map(({ headers }) => headers[headerNames.id]);
    expect(ids.slice(2)).toEqual(ids.slice(0, 2));
    expect(new Set(ids).size).toBe(2);
    expect(world.of(StockReserved)[0]?.headers).toMatchObject({
      ce_causationid: id,
      ce_source: 'stock',
    });
  });
});
