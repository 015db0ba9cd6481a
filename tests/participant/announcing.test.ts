import { Buffer } from 'node:buffer';
import { TerminalError, TransportError } from '@troupe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database, DatabaseInbox } from './database-inbox.ts';
import { order, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { StockReserved } from './shop.ts';
import { becomes, dayMs, effectsOf, participants, startOn, unshared } from './stock-instances.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
});
afterEach(() => world.close());

const notAllowed = new TransportError('transport-failed', 'not authorized to write');

describe('the topic of announcements', () => {
  it('is asked for at the start, by name, as every other', async () => {
    const inbox = new DatabaseInbox();
    const service = world.service({ inbox, handlers: [stock()] });
    expect(service.topics).toContain(participants);
    expect(world.service({ name: 'print', handlers: [] }).topics).not.toContain(participants);
  });

  it('that cannot be written to delays no record; it is tried again, and the health says so', async () => {
    const transport = world.transport();
    let refused = true;
    const createProducer = transport.createProducer.bind(transport);
    transport.createProducer = () => {
      const producer = createProducer();
      const send = producer.send.bind(producer);
      producer.send = async (records) => {
        if (refused && records.some(({ topic }) => topic === participants)) throw notAllowed;
        await send(records);
      };
      return producer;
    };
    const instance = await startOn(world, new Database(), transport);
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    await world.until('a problem', () => unshared(instance).length === 1);
    expect(unshared(instance)[0]?.message).toMatch(/cannot announce its inbox.*not authorized/);
    expect(instance.service.health()).toMatchObject({ ready: true, effects: 'at-least-once' });
    refused = false;
    world.clock.advance(5_000);
    await becomes(world, instance, 'effectively-once');
    expect(unshared(instance)).toEqual([]);
  });

  it('is written to again and again; while it cannot be, what was said before counts', async () => {
    const instance = await startOn(world, new Database());
    await becomes(world, instance, 'effectively-once');
    world.log.takeDown();
    world.clock.advance(dayMs);
    await world.settle();
    expect(effectsOf(instance)).toBe('effectively-once');
    world.log.bringUp();
    world.clock.advance(5_000);
    await world.until('the next announcement', () => world.of(participants).length === 2);
    expect(instance.service.health().problems).toEqual([]);
  });

  it('may hold anything, and what other services say: it is passed over', async () => {
    const foreign = ['', '{', '[]', '{"group":"stock"}', 'x'.repeat(20_000)];
    for (const text of foreign) {
      await world.write(participants, 'stock/foreign', Buffer.from(text), {});
    }
    const other = JSON.stringify({ group: 'mail', instance: 'i', mark: 'm', atMs: 0 });
    await world.write(participants, 'mail/i', Buffer.from(other), {});
    await world.write(participants, 'stock/lies', Buffer.from(other), {});
    await becomes(world, await startOn(world, new Database()), 'effectively-once');
  });

  it('waits for the database to answer, and records are handled when it does', async () => {
    const database = new Database();
    await becomes(world, await startOn(world, database), 'effectively-once');
    database.fault = new TerminalError('the database is away');
    const second = await startOn(world, database);
    await world.settle();
    expect(effectsOf(second)).toBe('at-least-once');
    database.fault = undefined;
    world.clock.advance(10_000);
    await becomes(world, second, 'effectively-once');
  });
});
