import { createService, defineEvent, on, t } from '@troupe/core';
import { createMemoryTransport } from '@troupe/core/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { gift, order, reserved, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { OrderPlaced, StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

describe('start', () => {
  it('is done once, however often it is called', async () => {
    const inbox = new DatabaseInbox();
    const service = world.service({ inbox, handlers: [stock()] });
    await Promise.all([service.start(), service.start()]);
    await service.start();
    expect(inbox.started).toBe(1);
    expect(service.health()).toMatchObject({ live: true, ready: true, problems: [] });
    await Promise.all([service.stop(), service.stop()]);
    await service.stop();
    expect(inbox.stopped).toBe(1);
    expect(service.health()).toMatchObject({ live: true, ready: false });
  });

  it('can follow a stop', async () => {
    const service = await world.started({ inbox: new DatabaseInbox(), handlers: [stock()] });
    await service.stop();
    await world.send(order('1'));
    await service.start();
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
  });

  it('can follow a stop that fails, also while that is under way', async () => {
    const inbox = new DatabaseInbox();
    const closed = Promise.withResolvers<void>();
    let closing = false;
    inbox.stop = () => {
      closing = true;
      return closed.promise;
    };
    const service = await world.started({ inbox, handlers: [stock()] });
    const stopped = service.stop();
    await world.until('it closes', () => closing);
    const started = service.start();
    inbox.stop = async () => undefined;
    closed.reject(new Error('the disk is full'));
    await expect(stopped).rejects.toThrow('the disk is full');
    await started;
    await service.start();
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
  });

  it.each([
    { calls: ['stop', 'start'], ready: true },
    { calls: ['stop', 'start', 'stop'], ready: false },
    { calls: ['stop', 'start', 'stop', 'start'], ready: true },
  ] as const)('nobody waits for anything: of $calls the last one counts', async (overlapping) => {
    const inbox = new DatabaseInbox();
    const service = await world.started({ inbox, handlers: [stock()] });
    await Promise.allSettled(overlapping.calls.map((call) => service[call]()));
    expect(service.health().ready).toBe(overlapping.ready);
    expect(inbox.started - inbox.stopped).toBe(overlapping.ready ? 1 : 0);
    if (!overlapping.ready) return;
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
  });

  it('names every topic that is missing, and says what makes them', async () => {
    const service = world.service({ name: 'nobody', handlers: [stock()] });
    await expect(service.start()).rejects.toMatchObject({
      code: 'topic-missing',
      message: expect.stringMatching(
        /service nobody needs topics that do not exist: nobody.dead-letter\. Make them first: topicsOf/,
      ),
    });
    expect(service.topics).toContain('nobody.dead-letter');
  });

  it('refuses topics of different partition counts and names them', async () => {
    const transport = world.transport();
    await transport.topics.create([{ topic: 'odd', partitions: 7, cleanup: 'delete' }]);
    class Odd extends defineEvent('odd.Odd', { id: t.string().key() }) {}
    const handlers = [stock(), on(Odd, async () => undefined)];
    const service = world.service({ transport, handlers });
    await expect(service.start()).rejects.toMatchObject({
      code: 'partition-count-mismatch',
      message: expect.stringMatching(/2: shop, .*; 7: odd/),
    });
  });

  it('rejects when no broker answers, releases what it opened, and can be tried again', async () => {
    const inbox = new DatabaseInbox();
    const service = world.service({ inbox, handlers: [stock()] });
    world.log.takeDown();
    await expect(service.start()).rejects.toMatchObject({ code: 'transport-unavailable' });
    world.log.bringUp();
    await service.start();
    expect(service.health().ready).toBe(true);
  });

  it('closes what is open when a later part fails', async () => {
    const inbox = new DatabaseInbox();
    const transport = createMemoryTransport({ log: world.log });
    transport.subscribe = () => Promise.reject(new Error('no group'));
    const service = world.service({ inbox, transport, handlers: [stock()] });
    await expect(service.start()).rejects.toThrow('no group');
    expect([inbox.started, inbox.stopped]).toEqual([1, 1]);
  });

  it('ends with an error after its time limit, and closes what comes too late', async () => {
    const transport = createMemoryTransport({ log: world.log });
    const { promise, resolve } = Promise.withResolvers<void>();
    const subscribe = transport.subscribe.bind(transport);
    let closed = 0;
    transport.subscribe = async (subscription) => {
      await promise;
      const consumer = await subscribe(subscription);
      const close = consumer.close.bind(consumer);
      consumer.close = () => {
        closed += 1;
        return close();
      };
      return consumer;
    };
    const service = world.service({ transport, handlers: [stock()] });
    const started = service.start();
    started.catch(() => undefined);
    await world.until('it waits', () => world.clock.hasTimer(30_000));
    world.clock.advance(30_000);
    await expect(started).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringMatching(/service stock did not start within 30000 ms/),
    });
    resolve();
    await world.until('it is closed', () => closed === 1);
  });

  it('can be interrupted by stop', async () => {
    const transport = createMemoryTransport({ log: world.log });
    transport.subscribe = () => new Promise(() => undefined);
    const service = world.service({ transport, handlers: [stock()] });
    const started = service.start();
    started.catch(() => undefined);
    await world.settle();
    await service.stop();
    await expect(started).rejects.toMatchObject({ code: 'stopped' });
  });
});

describe('createService', () => {
  const make = (options: object) => () =>
    createService({
      name: 'stock',
      transport: world.transport(),
      serde: world.serde,
      handlers: [],
      ...options,
    });

  it.each([
    ['a name that no group can have', { name: 'a b' }, /name "a b" does not do/],
    ['no name', { name: '' }, /name "" does not do/],
    ['a limit that is none', { limits: { concurency: 3 } }, /concurency is no limit: there are/],
    ['a limit of nothing', { limits: { concurrencyMax: 0 } }, /concurrencyMax is 0: expected/],
    ['one step twice', { handlers: [gift, gift] }, /step wrap-gift is implemented twice/],
    [
      'two handlers of one event',
      {
        handlers: [on(OrderPlaced, async () => undefined), on(OrderPlaced, async () => undefined)],
      },
      /event shop.OrderPlaced has two handlers/,
    ],
  ])('refuses %s', (_, options, text) => {
    expect(make(options)).toThrow(text);
  });

  it('takes a limit that is undefined for one that was not given', () => {
    expect(make({ limits: { concurrencyMax: undefined } })).not.toThrow();
  });
});

describe('stop', () => {
  it('lets what was begun end, begins nothing new, and what is left comes again', async () => {
    const open = new Map<string, () => void>();
    const handler = stock(({ orderId }) => {
      const { promise, resolve } = Promise.withResolvers<StockReserved>();
      open.set(orderId, () => resolve(reserved(orderId)));
      return promise;
    });
    const inbox = new DatabaseInbox();
    const limits = { concurrencyMax: 1 };
    const service = await world.started({ inbox, handlers: [handler], limits });
    await world.send(order('1'));
    await world.send(order('2'));
    await world.until('the first is begun', () => open.size === 1);
    const stopped = service.stop();
    await world.settle();
    open.get('1')?.();
    await stopped;
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(world.of(StockReserved).map(({ key }) => key)).toEqual(['1']);
    expect(open.size).toBe(1);
    const next = await world.started({ inbox, handlers: [handler], limits });
    await world.until('the other comes again', () => open.size === 2);
    open.get('2')?.();
    await world.until('both outcomes', () => world.of(StockReserved).length === 2);
    await next.stop();
    expect(world.of(StockReserved).map(({ key }) => key)).toEqual(['1', '2']);
  });

  it('gives up after its time limit, and tells the handler', async () => {
    const signals: AbortSignal[] = [];
    const deaf = stock((_, ctx) => {
      signals.push(ctx.signal);
      return new Promise(() => undefined);
    });
    const limits = { drainTimeoutMs: 3_000 };
    const service = await world.started({ inbox: new DatabaseInbox(), handlers: [deaf], limits });
    await world.send(order('1'));
    await world.until('it is begun', () => signals.length === 1);
    const stopped = service.stop();
    await world.until('it drains', () => world.clock.hasTimer(3_000));
    expect(signals[0]?.aborted).toBe(false);
    world.clock.advance(3_000);
    await stopped;
    expect(signals[0]?.aborted).toBe(true);
    expect(String(signals[0]?.reason)).toMatch(/the service stops/);
  });

  it('leaves an inbox to itself that does not close', async () => {
    const inbox = new DatabaseInbox();
    inbox.stop = () => new Promise(() => undefined);
    const limits = { closeTimeoutMs: 7_000 };
    const service = await world.started({ inbox, handlers: [stock()], limits });
    const stopped = service.stop();
    await world.until('it waits', () => world.clock.hasTimer(7_000));
    world.clock.advance(7_000);
    await stopped;
    expect(world.lines.at(-1)?.message).toMatch(/the inbox of service stock did not close in time/);
  });

  it('waits for no retry', async () => {
    const failing = stock(async () => {
      throw new Error('busy');
    });
    const service = await world.started({ inbox: new DatabaseInbox(), handlers: [failing] });
    await world.send(order('1'));
    await world.until('a wait', () => world.clock.hasTimer(100));
    await service.stop();
    expect(world.of('stock.dead-letter')).toEqual([]);
  });
});
