import { createMemoryTransport } from '@troupe/core/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

/** What was done with an inbox: with `wait`, closing takes until that. */
function logged(inbox: DatabaseInbox, wait?: () => Promise<void>): readonly string[] {
  const calls: string[] = [];
  const { start, stop } = inbox;
  inbox.start = async () => {
    await start.call(inbox);
    calls.push('opened');
  };
  inbox.stop = async () => {
    if (wait !== undefined) calls.push('closes');
    await wait?.();
    await stop.call(inbox);
    calls.push('closed');
  };
  return calls;
}

describe('a start that failed', () => {
  it('because its inbox opened too late closes it before the next one opens it', async () => {
    const inbox = new DatabaseInbox();
    const slow = Promise.withResolvers<void>();
    const calls = logged(inbox);
    const start = inbox.start.bind(inbox);
    inbox.start = async () => {
      inbox.start = start;
      await slow.promise;
      return start();
    };
    const service = world.service({ inbox, handlers: [stock()] });
    const first = service.start();
    first.catch(() => undefined);
    await world.until('it waits', () => world.clock.hasTimer(30_000));
    await world.settle();
    world.clock.advance(30_000);
    await expect(first).rejects.toMatchObject({ code: 'timed-out' });
    const second = service.start();
    await world.settle();
    expect(service.health().ready).toBe(false);
    slow.resolve();
    await second;
    expect(calls).toEqual(['opened', 'closed', 'opened']);
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
  });

  it.each(['start', 'stop'] as const)('is over for a %s once all is released', async (next) => {
    const inbox = new DatabaseInbox();
    const closing = Promise.withResolvers<void>();
    const calls = logged(inbox, () => closing.promise);
    const transport = createMemoryTransport({ log: world.log });
    const subscribe = transport.subscribe.bind(transport);
    transport.subscribe = () => {
      transport.subscribe = subscribe;
      return Promise.reject(new Error('no group'));
    };
    const service = world.service({ inbox, transport, handlers: [stock()] });
    const first = service.start();
    first.catch(() => undefined);
    await world.until('it releases', () => calls.includes('closes'));
    let isOver = false;
    const followed = service[next]()
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    await world.settle();
    expect(isOver).toBe(false);
    closing.resolve();
    await followed;
    await expect(first).rejects.toThrow('no group');
    expect(calls).toEqual(['opened', 'closes', 'closed']);
    await service.start();
    expect(calls).toEqual(['opened', 'closes', 'closed', 'opened']);
    expect(service.health().ready).toBe(true);
  });
});
