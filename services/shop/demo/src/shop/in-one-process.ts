import { join } from 'node:path';
import { placeOrder } from '@shop/contracts';
import { createInventoryService } from '@shop/inventory';
import { createOrderService } from '@shop/order';
import { createPaymentService } from '@shop/payment';
import { createShippingService } from '@shop/shipping';
import { createCoordinator } from '@troupe/coordinator';
import { type Logger, topicsOf } from '@troupe/core';
import { defaultSagaLimits } from '@troupe/core/internal';
import { createMemoryLog, createMemoryTransport } from '@troupe/core/memory';
import { createAvroSerde, createInProcessRegistry } from '@troupe/schema-registry';
import { type Shop, shopGroups } from './shop.ts';

const partitions = 4;
/** What is older was read long ago, so that a run of any length fits in memory. */
const logLimits = { retainedRecordsMax: 1_000, supersededRecordsMax: 1_000 };
/** Nothing here is delivered later than this after the end of its order. */
const endedRetentionMs = 10_000;

/** Everything in this process, on a log in memory. Each part has connections of its own, as it would have elsewhere. */
export async function openShopInOneProcess(folder: string, logger: Logger): Promise<Shop> {
  const log = createMemoryLog({ limits: logLimits });
  const registry = createInProcessRegistry();
  const connect = () => ({
    transport: createMemoryTransport({ log }),
    serde: createAvroSerde({ registry }),
    logger,
  });
  const service = (name: string) => ({
    ...connect(),
    databasePath: join(folder, `${name}.db`),
    // The books end with the demo: they need not outlive a power cut.
    synchronous: 'normal' as const,
  });
  const own = connect();
  await own.transport.topics.create(topicsOf([placeOrder], shopGroups, { partitions }));

  const order = createOrderService(service('order'));
  const inventory = createInventoryService(service('inventory'));
  const payment = createPaymentService(service('payment'));
  const shipping = createShippingService(service('shipping'));
  const coordinator = createCoordinator({
    ...connect(),
    limits: { saga: { ...defaultSagaLimits, endedRetentionMs } },
  });
  const parts = [order, inventory, payment, shipping, coordinator];
  await Promise.all(parts.map((part) => part.start()));

  return {
    ...own,
    setting: 'in one process',
    databases: {
      order: join(folder, 'order.db'),
      inventory: join(folder, 'inventory.db'),
      payment: join(folder, 'payment.db'),
      shipping: join(folder, 'shipping.db'),
    },
    orderPrefix: 'order',
    alone: true,
    died: new Promise<never>(() => undefined),
    async place(request) {
      await order.place(request);
    },
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
    },
    close: () => own.transport.close(),
  };
}
