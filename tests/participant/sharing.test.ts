import { createMemoryInbox } from '@troupe/core/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, DatabaseInbox } from './database-inbox.ts';
import { order, stock, stockIn } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { StockReserved } from './shop.ts';
import {
  announced,
  becomes,
  dayMs,
  effectsOf,
  limits,
  participants,
  startOn,
  unshared,
} from './stock-instances.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
});
afterEach(() => world.close());

describe('I2: effects are called effectively once', () => {
  it('by an instance that is alone, when it has read what others announced before it', async () => {
    const inbox = new DatabaseInbox();
    const service = world.service({ inbox, limits, handlers: [stockIn(inbox)] });
    expect(service.health().effects).toBe('at-least-once');
    await service.start();
    await becomes(world, { service, transport: world.transport() }, 'effectively-once');
    expect(service.health().problems).toEqual([]);
  });

  it('by instances that share a database', async () => {
    const database = new Database();
    const instances = [await startOn(world, database), await startOn(world, database)];
    for (const instance of instances) await becomes(world, instance, 'effectively-once');
    expect(instances.flatMap(unshared)).toEqual([]);
  });

  it('by one that was started again on its database, whose announcement replaces those before', async () => {
    const database = new Database();
    for (let start = 1; start <= 5; start += 1) {
      const instance = await startOn(world, database);
      await becomes(world, instance, 'effectively-once');
      const written = () => world.of(participants).filter(({ record }) => record.value !== null);
      await world.until('it alone is announced', () => {
        return written().length === start && announced(world).length === 1;
      });
      instance.transport.crash();
    }
  });

  it('for as long as it runs: its mark is renewed before it is pruned', async () => {
    const database = new Database();
    const first = await startOn(world, database);
    for (let day = 1; day <= 100; day += 1) {
      world.clock.advance(dayMs);
      await world.settle();
    }
    const second = await startOn(world, database);
    await becomes(world, second, 'effectively-once');
    expect(unshared(first)).toEqual([]);
  });

  it('never without a durable inbox', async () => {
    const services = [
      await world.started({ limits, handlers: [stock()] }),
      await world.started({ name: 'print', inbox: createMemoryInbox(), handlers: [stock()] }),
    ];
    await world.settle();
    for (const service of services) {
      expect(service.health().effects).toBe('at-least-once');
      expect(service.health().problems.map(({ code }) => code)).toEqual(['effects-not-durable']);
    }
  });
});

describe('an instance with another inbox', () => {
  it('makes effects at-least-once for both of them, by name, and the way out is told', async () => {
    const instances = [await startOn(world, new Database()), await startOn(world, new Database())];
    for (const instance of instances) {
      await world.until('a problem', () => unshared(instance).length === 1);
      expect(effectsOf(instance)).toBe('at-least-once');
    }
    const names = instances.flatMap(unshared).map(({ subject }) => subject);
    expect(new Set(names)).toEqual(new Set(announced(world)));
    expect(unshared(instances[0] ?? never())[0]?.message).toMatch(
      /instance id-\d+ of stock \(announced .*\) has another inbox.*Give every instance the same database/,
    );
    // It takes part all the same.
    expect(instances.map(({ service }) => service.health().ready)).toEqual([true, true]);
  });

  it('is why: what one did and the other is handed again has its effect twice', async () => {
    const databases = [new Database(), new Database()] as const;
    const inbox = new DatabaseInbox(databases[0]);
    const transport = world.transport();
    await world.started({
      transport,
      inbox,
      limits,
      handlers: [stockIn(inbox)],
      checkpoint: (at) => {
        if (at !== 'sent') return;
        transport.crash();
        return new Promise(() => undefined);
      },
    });
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    await startOn(world, databases[1]);
    await world.until('another', () => world.of(StockReserved).length === 2);
    expect(databases.map(({ effects }) => effects)).toEqual([['reserve 1'], ['reserve 1']]);
  });

  it('is one that has a copy of the database, too', async () => {
    const database = new Database();
    await becomes(world, await startOn(world, database), 'effectively-once');
    const copy = new Database();
    for (const [id, row] of database.marks) copy.marks.set(id, row);
    const other = await startOn(world, copy);
    await world.until('it is known', () => announced(world).length === 1);
    const again = await startOn(world, database);
    await world.until('a problem', () => unshared(again).length === 1);
    await world.until('for the other', () => unshared(other).length === 1);
  });

  it('counts when it is gone, too: a container without its volume starts with nothing', async () => {
    const first = await startOn(world, new Database());
    await becomes(world, first, 'effectively-once');
    await first.service.stop();
    const second = await startOn(world, new Database());
    await world.until('a problem', () => unshared(second).length === 1);
    expect(unshared(second)[0]?.message).toMatch(
      /counts until 2026-01-31T00:00:00.000Z, or until a/,
    );
  });

  it('counts no more when somebody retires it on the record', async () => {
    const first = await startOn(world, new Database());
    await becomes(world, first, 'effectively-once');
    const [key = ''] = announced(world);
    await first.service.stop();
    const second = await startOn(world, new Database());
    await world.until('a problem', () => unshared(second).length === 1);
    expect(unshared(second)[0]?.message).toContain(`a tombstone for ${key} on troupe.participants`);
    await world.write(participants, key, null, {});
    await becomes(world, second, 'effectively-once');
    expect(unshared(second)).toEqual([]);
  });

  it('counts no more when its rows would have been deleted for their age', async () => {
    const first = await startOn(world, new Database());
    await becomes(world, first, 'effectively-once');
    await first.service.stop();
    const second = await startOn(world, new Database());
    await world.until('a problem', () => unshared(second).length === 1);
    for (let day = 1; day <= 30; day += 1) {
      expect(effectsOf(second)).toBe('at-least-once');
      world.clock.advance(dayMs);
      await world.settle();
    }
    expect(effectsOf(second)).toBe('effectively-once');
    expect(unshared(second)).toEqual([]);
    const third = await startOn(world, new Database());
    await world.until('a problem', () => unshared(third).length === 1);
    await world.until('the first is retired', () => announced(world).length === 2);
  });
});

it('I8: a service that loses its inbox with every start has a bounded health report', async () => {
  for (let start = 1; start <= 30; start += 1) {
    const { service, transport } = await startOn(world, new Database());
    await world.until('it is announced', () => announced(world).length === start);
    await world.settle();
    expect(service.health().effects).toBe(start === 1 ? 'effectively-once' : 'at-least-once');
    expect(service.health().problems.length).toBe(Math.min(start - 1, 10));
    transport.crash();
  }
  const last = await startOn(world, new Database());
  await world.until('problems', () => unshared(last).length === 10);
  // What it is not told of counts, too: as some are retired, others are named.
  for (const key of announced(world).slice(0, 25)) await world.write(participants, key, null, {});
  await world.until('those that are left', () => unshared(last).length === 5);
});

describe('an instance without a durable inbox, beside one that has one', () => {
  const start = () => world.started({ limits, handlers: [stock()] });

  it('makes effects at-least-once until it stops', async () => {
    const durable = await startOn(world, new Database());
    const other = await start();
    await world.until('a problem', () => unshared(durable).length === 1);
    expect(unshared(durable)[0]?.message).toMatch(/instance .* of stock .* has no durable inbox/);
    await other.stop();
    await becomes(world, durable, 'effectively-once');
  });

  it('or for as long as it is heard of', async () => {
    const durable = await startOn(world, new Database());
    const transport = world.transport();
    await world.started({ limits, transport, handlers: [stock()] });
    await world.until('a problem', () => unshared(durable).length === 1);
    world.clock.advance(dayMs);
    await world.settle();
    transport.crash();
    world.clock.advance(dayMs);
    await world.settle();
    expect(effectsOf(durable)).toBe('at-least-once');
    world.clock.advance(dayMs);
    await becomes(world, durable, 'effectively-once');
  });
});

function never(): never {
  throw new Error('there are two');
}
