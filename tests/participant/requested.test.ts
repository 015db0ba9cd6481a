import { StepFailed } from '@troupe/core/internal';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseInbox } from './database-inbox.ts';
import { order, reserved, ship, stockIn } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { Requests } from './requests.ts';
import { GiftWrapped, OrderShipped, StockReserved } from './shop.ts';

let world: ParticipantWorld;
let requests: Requests;
beforeEach(async () => {
  world = await ParticipantWorld.open();
  requests = new Requests(world.serde);
});
afterEach(() => world.close());

const step = 'ship-order';

describe('a step that the coordinator asks for', () => {
  it('is given the events by the names of its dependencies', async () => {
    const seen: object[] = [];
    const service = await world.started({
      inbox: new DatabaseInbox(),
      handlers: [ship((input) => seen.push(input))],
    });
    await world.serde.prepare([GiftWrapped, StockReserved], new AbortController().signal);
    const gift = new GiftWrapped({ orderId: '1' });
    const all = { order: order('1'), stock: reserved('1'), gift };
    await world.send(requests.run('1', step, { inputs: all }), { step });
    await world.until('an outcome', () => world.of(OrderShipped).length === 1);
    expect(seen).toEqual([all]);
    expect(Object.values(seen[0] ?? {}).map((event) => event.constructor.name)).toEqual([
      'OrderPlaced',
      'StockReserved',
      'GiftWrapped',
    ]);
    await service.stop();
  });

  it('is given undefined for an optional one that did not come about', async () => {
    const seen: object[] = [];
    await world.started({ handlers: [ship((input) => seen.push(input))] });
    const inputs = { order: order('1'), stock: reserved('1') };
    await world.send(requests.run('1', step, { inputs }), { step });
    await world.until('an outcome', () => world.of(OrderShipped).length === 1);
    expect(seen).toEqual([{ ...inputs, gift: undefined }]);
  });

  it('fails without doubt when a required one is missing, and names it', async () => {
    await world.started({ handlers: [ship()] });
    await world.send(requests.run('1', step, { inputs: { order: order('1') } }), { step });
    await world.until('a failure', () => world.of(StepFailed).length === 1);
    const value = world.of(StepFailed)[0]?.record.value ?? new Uint8Array();
    const failed = await world.serde.decode(value, StepFailed);
    expect(failed).toMatchObject({ code: 'poison-message', inDoubt: false });
    expect(failed.message).toMatch(
      /ship-order was asked for without stock \(stock.StockReserved\)/,
    );
  });

  it('fails without doubt when the request itself cannot be decoded', async () => {
    await world.started({ handlers: [ship()] });
    const request = requests.run('1', step);
    await world.send(request, { step, value: Uint8Array.of(9) });
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect(world.of(StepFailed)[0]?.headers['ce_step']).toBe(step);
  });

  it('is one effect with the event that triggers it', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    const request = requests.run('1', 'reserve-stock', { inputs: { '': order('1') } });
    await world.send(request, { step: 'reserve-stock' });
    await world.until('the outcome again', () => world.of(StockReserved).length === 2);
    const [first, second] = world.of(StockReserved);
    expect(second?.headers).toEqual(first?.headers);
    expect(inbox.database.effects).toEqual(['reserve 1']);
  });

  it('is not begun before the request is committed, and never when that was aborted', async () => {
    const seen: object[] = [];
    await world.started({ handlers: [ship((input) => seen.push(input))] });
    const asked = (id: string) => {
      const inputs = { order: order(id), stock: reserved(id) };
      return world.recordOf(requests.run(id, step, { inputs }), { step });
    };
    const shard = 'troupe-coordinator.0';
    const epoch = world.log.openTransactionalId(shard);
    world.log.beginTransaction(shard, epoch, [await asked('1')], 60_000);
    await world.settle();
    // The next holder aborts what it finds open.
    const heir = await world.transport().openTransactionalProducer(shard);
    await heir.commit([await asked('2')]);
    await world.until('an outcome', () => world.of(OrderShipped).length > 0);
    expect(seen).toMatchObject([{ order: order('2') }]);
  });

  it('is left alone when it is another service that implements it', async () => {
    const inbox = new DatabaseInbox();
    await world.started({ inbox, handlers: [stockIn(inbox)] });
    await world.send(requests.run('1', step), { step, value: Uint8Array.of(9) });
    await world.send(order('1'));
    await world.until('an outcome', () => world.of(StockReserved).length === 1);
    expect(world.of('stock.dead-letter')).toEqual([]);
  });

  it('is a dead letter, to be seen, when the request names no step', async () => {
    await world.started({ handlers: [ship()] });
    await world.send(requests.run('1', step));
    await world.until('a dead letter', () => world.of('stock.dead-letter').length === 1);
    expect(world.of('stock.dead-letter')[0]?.headers['troupe_dead_letter_message']).toBe(
      'header ce_step is missing: a request names it',
    );
  });
});
