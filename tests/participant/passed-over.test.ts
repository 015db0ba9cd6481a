import { implement, type OutgoingRecord, sagaRef, toGraph } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { foreignRecord } from '@troupe/testing/ports';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { order, reserved, ship } from './handlers.ts';
import { ParticipantWorld } from './participant-world.ts';
import { Requests } from './requests.ts';
import { OrderShipped, placeOrder, shipOrder } from './shop.ts';

const step = 'ship-order';
const { requests: topic } = internalTopics;

let world: ParticipantWorld;
beforeEach(async () => {
  world = await ParticipantWorld.open({ partitions: 1 });
});
afterEach(() => world.close());

async function requestFor(orderId: string): Promise<OutgoingRecord> {
  const inputs = { order: order(orderId), stock: reserved(orderId) };
  const request = new Requests(world.serde).run(orderId, step, { inputs });
  const saga = sagaRef(toGraph(placeOrder));
  return foreignRecord(world.serde, request, { id: `ask ${orderId}`, saga, step });
}

const shipAfter = (held: Promise<void>) =>
  implement(shipOrder, {
    execute: async ({ order: { orderId } }) => {
      await held;
      return new OrderShipped({ orderId });
    },
  });

const outcomes = (count: number) =>
  world.until(`${count} outcomes`, () => world.of(OrderShipped).length === count);
const committed = () => world.log.group('stock').committed(topic, 0);
const partition = () => world.log.partition(topic, 0);

it('I7: markers and aborted records behind the last request count as done, and may be deleted', async () => {
  const service = await world.started({ handlers: [ship()] });
  const shard = await world.transport().openTransactionalProducer('shard');
  await shard.commit([await requestFor('1')]);
  await outcomes(1);
  const epoch = world.log.openTransactionalId('shard');
  world.log.beginTransaction('shard', epoch, [await requestFor('2')], 60_000);
  const heir = await world.transport().openTransactionalProducer('shard');
  await world.until('all counts', () => committed() === partition().end);
  await service.stop();
  partition().deleteBefore(partition().end);
  const again = await world.started({ handlers: [ship()] });
  await heir.commit([await requestFor('3')]);
  await outcomes(2);
  expect(again.health()).toMatchObject({ ready: true });
});

it('I7: they do not count before the requests below them are done', async () => {
  const shipping = Promise.withResolvers<void>();
  const service = await world.started({
    handlers: [shipAfter(shipping.promise)],
  });
  const shard = await world.transport().openTransactionalProducer('shard');
  await shard.commit([await requestFor('1')]);
  await shard.commit([await requestFor('2')]);
  await world.settle();
  expect(committed() ?? 0).toBe(0);
  shipping.resolve();
  await outcomes(2);
  await world.until('all counts', () => committed() === partition().end);
  await service.stop();
});

it('what is delivered to a service that is stopping does not count with what lies behind it', async () => {
  const shipping = Promise.withResolvers<void>();
  const service = await world.started({ handlers: [shipAfter(shipping.promise)] });
  const shard = await world.transport().openTransactionalProducer('shard');
  await shard.commit([await requestFor('1')]);
  await world.settle();
  const stopped = service.stop();
  await shard.commit([await requestFor('2')]);
  await world.settle();
  shipping.resolve();
  await stopped;
  // The first one and its marker.
  expect(committed()).toBe(2);
  await world.started({ handlers: [ship()] });
  await outcomes(2);
});
