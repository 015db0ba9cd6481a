import { defineSaga } from '@troupe/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { order, reserved } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { OrderPlaced, placeOrder, reserveStock, StockReserved } from './shop.ts';

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open();
});
afterEach(() => world.close());

const other = defineSaga('other', { version: 1, startsOn: OrderPlaced, steps: [reserveStock] });
const newer = defineSaga('other', { version: 2, startsOn: OrderPlaced, steps: [reserveStock] });
const sagas = () => world.of(OrderPlaced).map(({ headers }) => headers['ce_saga']?.split('#')[0]);

describe('publish', () => {
  it('stamps the event that one saga of the service starts on', async () => {
    const service = await world.started({ handlers: [] });
    await service.publish(order('1'), { id: 'mine' });
    await world.until('it', () => world.of(OrderPlaced).length === 1);
    expect(world.of(OrderPlaced)[0]).toMatchObject({
      key: '1',
      topic: 'shop',
      headers: { ce_id: 'mine', ce_source: 'stock', ce_correlationid: '1' },
    });
    expect(sagas()).toEqual(['place-order@1']);
  });

  it('asks which one where there are several', async () => {
    const service = await world.started({ handlers: [], sagas: [placeOrder, other, newer] });
    await expect(service.publish(order('1'))).rejects.toThrow(
      /shop.OrderPlaced starts place-order@1, other@1, other@2: say which one/,
    );
    await expect(service.publish(order('1'), { saga: 'other' })).rejects.toThrow(/not exactly one/);
    await service.publish(order('1'), { saga: 'other@2' });
    await service.publish(order('1'), { saga: 'place-order' });
    await world.until('both', () => world.of(OrderPlaced).length === 2);
    expect(sagas().toSorted()).toEqual(['other@2', 'place-order@1']);
  });

  it('stamps no other event', async () => {
    const service = await world.started({ handlers: [] });
    await service.publish(reserved('1'));
    await world.until('it', () => world.of(StockReserved).length === 1);
    expect(world.of(StockReserved)[0]?.headers['ce_saga']).toBeUndefined();
  });

  it('refuses before start and after stop, and what is too large', async () => {
    const service = world.service({ handlers: [] });
    await expect(service.publish(order('1'))).rejects.toThrow(
      /does not run.*await start\(\) first/,
    );
    await service.start();
    const large = order('1', 'x'.repeat(2_000_000));
    await expect(service.publish(large)).rejects.toMatchObject({ code: 'message-too-large' });
    await service.stop();
    await expect(service.publish(order('1'))).rejects.toMatchObject({ code: 'stopped' });
    await service.start();
    await service.publish(order('1'));
  });

  it('rejects with the error of the transport, and can be repeated', async () => {
    const service = await world.started({ handlers: [] });
    world.log.takeDown();
    await expect(service.publish(order('1'))).rejects.toMatchObject({
      code: 'transport-unavailable',
    });
    world.log.bringUp();
    await service.publish(order('1'));
  });
});
