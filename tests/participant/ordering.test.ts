import { on } from '@troupe/core';
import { partitionOf } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { OrderPlaced, OrderShipped, StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
});
afterEach(() => world.close());

/** A handler that runs as long as the test lets it. */
function held() {
  const open = new Map<string, () => void>();
  const handler = stock(({ orderId }) => {
    const { promise, resolve } = Promise.withResolvers<StockReserved>();
    open.set(orderId, () => resolve(reserved(orderId)));
    return promise;
  });
  return { handler, running: () => [...open.keys()], release: (key: string) => open.get(key)?.() };
}

describe('the events of one key', () => {
  it('are handled one after the other, in the order of their arrival, over all topics', async () => {
    const log: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = on(OrderPlaced, async ({ orderId }) => {
      log.push(`begin ${orderId}`);
      if (orderId === 'a') await promise;
      log.push(`end ${orderId}`);
    });
    const second = on(StockReserved, async ({ orderId }) => {
      log.push(`reserved ${orderId}`);
    });
    await world.started({ inbox: new DatabaseInbox(), handlers: [first, second] });
    await world.send(order('a'));
    await world.until('the first is begun', () => log.length === 1);
    await world.send(reserved('a'));
    await world.send(order('b'));
    await world.until('another key goes on', () => log.includes('end b'));
    expect(log).toEqual(['begin a', 'begin b', 'end b']);
    resolve();
    await world.until('the rest', () => log.length === 5);
    expect(log.slice(3)).toEqual(['end a', 'reserved a']);
  });

  it('wait behind one that is tried again, and no other key does', async () => {
    const failing = stock(async ({ orderId }) => {
      if (orderId === 'bad') throw new Error('busy');
      return reserved(orderId);
    });
    const limits = { concurrencyMax: 1 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing], limits });
    await world.send(order('bad'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    for (const key of ['1', '2', '3']) await world.send(order(key));
    await world.until('the others', () => world.of(StockReserved).length === 3);
  });
});

describe('handlers', () => {
  it('run at once for different keys, up to the limit', async () => {
    const hold = held();
    const limits = { concurrencyMax: 3 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [hold.handler], limits });
    for (const key of ['1', '2', '3', '4', '5']) await world.send(order(key));
    await world.until('three', () => hold.running().length === 3);
    await world.settle();
    expect(hold.running()).toEqual(['1', '2', '3']);
    hold.release('2');
    await world.until('a fourth', () => hold.running().length === 4);
    expect(hold.running().at(-1)).toBe('4');
  });
});

describe('the intake', () => {
  it('pauses when it holds enough and goes on when there is room', async () => {
    const hold = held();
    const limits = { bufferedRecordsMax: 4, concurrencyMax: 100 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [hold.handler], limits });
    for (let n = 0; n < 4; n += 1) await world.send(order(`a${n}`));
    await world.until('four', () => hold.running().length === 4);
    for (let n = 0; n < 20; n += 1) await world.send(order(`b${n}`));
    await world.settle();
    expect(hold.running().length).toBe(4);
    for (let n = 0; n < 4; n += 1) hold.release(`a${n}`);
    await world.until('more', () => hold.running().length > 4);
    while (world.of(StockReserved).length < 24) {
      for (const key of hold.running()) hold.release(key);
      await world.settle();
    }
  });

  it('pauses for bytes as well', async () => {
    const hold = held();
    const limits = { bufferedBytesMax: 1, concurrencyMax: 100 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [hold.handler], limits });
    await world.send(order('1'));
    await world.until('one', () => hold.running().length === 1);
    await world.send(order('2'));
    await world.settle();
    expect(hold.running()).toEqual(['1']);
    hold.release('1');
    await world.until('the other', () => hold.running().length === 2);
  });
});

describe('the records of a key that is parked', () => {
  const failing = () =>
    stock(async ({ orderId }) => {
      if (orderId === 'bad') throw new Error('busy');
      return reserved(orderId);
    });

  it('take no room from those of other keys', async () => {
    const limits = { bufferedRecordsMax: 2, parkedRecordsMax: 100 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing()], limits });
    await world.send(order('bad'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    for (let n = 0; n < 50; n += 1) await world.send(order('bad'));
    await world.send(order('good'));
    await world.until('the other key', () => world.of(StockReserved).length === 1);
  });

  it('pause the intake when there are too many, until some are done', async () => {
    const limits = { parkedRecordsMax: 3, attemptsMax: 2 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [failing()], limits });
    const id = await world.send(order('bad'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    for (let n = 0; n < 2; n += 1) await world.send(order('bad'), { id });
    await world.settle();
    await world.send(order('good'));
    await world.settle();
    expect(world.of(StockReserved)).toEqual([]);
    world.clock.advance(100);
    await world.until('the other key', () => world.of(StockReserved).length === 1);
    await world.until('all are dead letters', () => world.of('stock.dead-letter').length === 3);
  });
});

describe('an offset', () => {
  it('is committed only when everything below it is done', async () => {
    const hold = held();
    const first = world.transport();
    await world.started({ transport: first, handlers: [hold.handler] });
    for (const key of ['1', '2', '3']) await world.send(order(key));
    await world.until('all begin', () => hold.running().length === 3);
    hold.release('2');
    hold.release('3');
    await world.until('two are done', () => world.of(StockReserved).length === 2);
    first.crash();
    const again = held();
    await world.started({ handlers: [again.handler] });
    await world.until('all come again', () => again.running().length === 3);
    expect(again.running()).toEqual(['1', '2', '3']);
  });

  it('is committed where nothing was of this service, too', async () => {
    const service = await world.started({ handlers: [held().handler] });
    await world.send(new OrderShipped({ orderId: '1' }));
    await world.settle();
    await service.stop();
    const seen: string[] = [];
    const other = on(OrderShipped, async ({ orderId }) => {
      seen.push(orderId);
    });
    await world.started({ handlers: [other] });
    await world.send(new OrderShipped({ orderId: '2' }));
    await world.until('the second', () => seen.length === 1);
    expect(seen).toEqual(['2']);
  });
});

describe('two instances of a service', () => {
  it('share the partitions, and one takes over what the other leaves', async () => {
    await world.close();
    world = await ParticipantWorld.open({ partitions: 4 });
    const database = new Database();
    const handledBy = new Set<number>();
    const start = (instance: number) => {
      const inbox = new DatabaseInbox(database);
      const handler = stock(async ({ orderId }, ctx) => {
        handledBy.add(instance);
        return ctx.transaction(inbox, (tx) => {
          tx.write(orderId);
          return reserved(orderId);
        });
      });
      return world.started({ inbox, handlers: [handler] });
    };
    const keys = Array.from({ length: 40 }, (_, n) => `${n}`);
    expect(new Set(keys.map((key) => partitionOf(key, 4))).size).toBe(4);
    const first = await start(1);
    await start(2);
    for (const key of keys.slice(0, 20)) await world.send(order(key));
    await world.until('half', () => database.effects.length === 20);
    expect([...handledBy].toSorted()).toEqual([1, 2]);
    for (const key of keys.slice(20)) await world.send(order(key));
    await first.stop();
    await world.until('all', () => database.effects.length === 40);
    expect(database.effects.toSorted()).toEqual(keys.toSorted());
    await world.until('all answers', () => {
      return new Set(world.of(StockReserved).map(({ key }) => key)).size === 40;
    });
  });
});
