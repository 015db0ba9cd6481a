import { defineEvent, defineSaga, defineStep, implement, t, toGraph } from '@troupe/core';
import { type CompensationRequested, StepFailed } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, reserved, stock } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { Requests } from './requests.ts';
import { OrderPlaced, placeOrder, reserveStock, StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const saga = (version: number, timeoutMs?: number) =>
  defineSaga('later', { version, startsOn: OrderPlaced, steps: [reserveStock], timeoutMs });

/** The same step by name and event, but its event has another schema. */
class OtherReserved extends defineEvent('stock.StockReserved', {
  orderId: t.string().key(),
  row: t.int().default(0),
  shelf: t.string(),
}) {}
const changedStep = defineStep('reserve-stock', {
  after: OrderPlaced,
  emits: OtherReserved,
  compensates: null,
});
const changed = defineSaga('place-order', {
  version: 2,
  startsOn: OrderPlaced,
  steps: [changedStep],
});

describe('the definitions of a service', () => {
  it('are published once, whoever starts how often', async () => {
    const first = await world.started({ handlers: [] });
    await first.stop();
    await world.started({ handlers: [] });
    await world.started({ handlers: [], sagas: [placeOrder, saga(1)], name: 'mail' });
    await world.until('both', () => world.of('troupe.definitions').length === 2);
    await world.settle();
    const [record] = world.of('troupe.definitions');
    expect(world.of('troupe.definitions').length).toBe(2);
    expect(record?.key).toBe(`place-order@1#${toGraph(placeOrder).hash}`);
    expect(record?.headers).toEqual({ 'content-type': 'application/json' });
    expect(JSON.parse(Buffer.from(record?.record.value ?? []).toString('utf8'))).toEqual(
      toGraph(placeOrder),
    );
  });

  it('must not be other ones for a version that is there', async () => {
    await world.started({ handlers: [], sagas: [saga(1)] });
    const other = world.service({ handlers: [], sagas: [saga(1, 1_000)], name: 'mail' });
    await expect(other.start()).rejects.toMatchObject({ code: 'definition-conflict' });
    await expect(other.start()).rejects.toThrow(
      /saga later version 1 is known as later@1#\w+, this service has later@1#\w+: give the changed saga a new version/,
    );
    expect(other.health()).toMatchObject({ ready: false });
    await world.settle();
    expect(world.of('troupe.definitions').length).toBe(1);
  });

  it('that are no definitions harm nobody', async () => {
    await world.write('troupe.definitions', 'x', Buffer.from('{'), {});
    await world.write('troupe.definitions', 'later@1#0123456789abcdef', null, {});
    const service = await world.started({ handlers: [stock()], inbox: new DatabaseInbox() });
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(service.health().problems).toMatchObject([
      { code: 'definition-conflict', message: expect.stringMatching(/definition x is not JSON/) },
    ]);
  });
});

describe('an event of a saga that is not known', () => {
  it('waits with its key until the definition comes, and no other key waits', async () => {
    const seen: string[] = [];
    const handler = stock(async ({ orderId }, ctx) => {
      seen.push(`${orderId} ${ctx.effectId.split('/')[0]}`);
      return reserved(orderId);
    });
    const inbox = new DatabaseInbox();
    const service = await world.started({ inbox, handlers: [handler] });
    await world.send(order('1'), { saga: saga(3) });
    await world.send(order('1'));
    await world.send(order('2'));
    await world.until('another key', () => seen.length === 1);
    expect(seen).toEqual(['2 place-order']);
    expect(service.health().problems).toMatchObject([{ code: 'key-waiting' }]);
    expect(service.health().problems[0]?.message).toMatch(
      /later@3#\w+ is not on troupe.definitions/,
    );
    await world.started({ handlers: [], sagas: [saga(3)], name: 'mail' });
    await world.until('the others', () => seen.length === 3);
    expect(seen.slice(1)).toEqual(['1 later', '1 place-order']);
    expect(service.health().problems).toEqual([]);
  });

  it('is a dead letter in the end, with a cause that says what to do', async () => {
    const limits = { definitionWaitMs: 60_000 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [stock()], limits });
    await world.send(order('1'), { saga: saga(3) });
    await world.until('it waits', () => world.clock.hasTimer(60_000));
    world.clock.advance(60_000);
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect(world.of('stock.dead-letter')[0]?.headers).toMatchObject({
      troupe_dead_letter_code: 'definition-unknown',
      troupe_dead_letter_message: expect.stringMatching(/start a service that was given it/),
    });
    expect(world.of(StepFailed)).toEqual([]);
  });

  it('waits for nothing when the service stops', async () => {
    const inbox = new DatabaseInbox();
    const service = await world.started({ inbox, handlers: [stock()] });
    await world.send(order('1'), { saga: saga(3) });
    await world.until('it waits', () => service.health().problems.length === 1);
    await service.stop();
    await world.started({ inbox, handlers: [stock()], sagas: [saga(3)] });
    await world.until('it is done later', () => world.of(StockReserved).length === 1);
  });
});

describe('a step of ours with another contract', () => {
  it('is not run; its saga hears of it when nobody who can came in time', async () => {
    const limits = { definitionWaitMs: 60_000 };
    const inbox = new DatabaseInbox();
    const service = await world.started({ inbox, handlers: [stock()], limits });
    await world.started({ handlers: [], sagas: [changed], name: 'mail' });
    await world.send(order('1'), { saga: changed });
    await world.until('it waits', () => world.clock.hasTimer(60_000));
    expect(service.health().problems[0]?.message).toMatch(
      /saga place-order@2 has step reserve-stock with other dependencies, events or schemas/,
    );
    world.clock.advance(60_000);
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    expect(await world.serde.decode(value, StepFailed)).toMatchObject({
      code: 'definition-conflict',
      // The version before this one may have run it, and left no row.
      inDoubt: true,
      step: 'reserve-stock',
    });
  });

  it('cannot be cancelled either: that is a dead letter, to which the saga needs no answer', async () => {
    const limits = { definitionWaitMs: 60_000 };
    await world.started({ inbox: new DatabaseInbox(), handlers: [stock()], limits });
    await world.started({ handlers: [], sagas: [changed], name: 'mail' });
    const requests = new Requests(world.serde);
    const about = { saga: changed, step: 'reserve-stock' };
    const isLost = async (request: CompensationRequested, letters: number) => {
      await world.send(request, about);
      await world.until('it waits', () => world.clock.hasTimer(60_000));
      world.clock.advance(60_000);
      await world.until('it is dead', () => world.of('stock.dead-letter').length === letters);
    };
    await isLost(requests.undo('1', 'reserve-stock', { action: 'cancel' }), 1);
    await isLost(requests.undo('2', 'reserve-stock'), 2);
    // Only what was to be undone is a compensation that failed.
    expect(world.of(StepFailed).map(({ key }) => key)).toEqual(['2']);
  });

  it('is run by the version of the service that has it', async () => {
    const both = implement(changedStep, {
      execute: async ({ orderId }) => new OtherReserved({ orderId, shelf: 'B2' }),
    });
    const inbox = new DatabaseInbox();
    const sagas = [changed];
    await world.started({ inbox, handlers: [both], sagas });
    await world.send(order('1'), { saga: changed });
    await world.until('an outcome', () => world.of(OtherReserved).length === 1);
  });
});

describe('a step of the same name in a saga of another service', () => {
  class LabelPrinted extends defineEvent('print.LabelPrinted', { orderId: t.string().key() }) {}
  const printing = defineSaga('printing', {
    version: 1,
    startsOn: OrderPlaced,
    steps: [
      defineStep('reserve-stock', { after: OrderPlaced, emits: LabelPrinted, compensates: null }),
    ],
  });

  it('is left alone', async () => {
    await world.started({ handlers: [], sagas: [printing], name: 'print' });
    await world.started({ inbox: new DatabaseInbox(), handlers: [stock()] });
    await world.send(order('1'), { saga: printing });
    const request = new Requests(world.serde).run('1', 'reserve-stock');
    await world.send(request, { saga: printing, step: 'reserve-stock' });
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(world.of('stock.dead-letter')).toEqual([]);
  });
});
