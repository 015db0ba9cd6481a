import { join } from 'node:path';
import type { ShopDatabases } from '@shop/demo';
import { createInventoryService } from '@shop/inventory';
import { createOrderService, type OrderService } from '@shop/order';
import { createPaymentService } from '@shop/payment';
import { createShippingService } from '@shop/shipping';
import type { Service } from '@troupe/core';
import type { ConnectOptions, KafkaAndRegistry } from '../installations/kafka-and-registry.ts';

export interface ShopServices {
  readonly order: OrderService;
  readonly inventory: Service;
  readonly payment: Service;
  readonly shipping: Service;
  readonly all: readonly Service[];
  readonly databases: ShopDatabases;
  stop(): Promise<void>;
}

/** The shop's four services in this process, each with connections and a database of its own. */
export async function startShopServices(
  installation: KafkaAndRegistry,
  options?: ConnectOptions,
): Promise<ShopServices> {
  const database = (name: string) => join(installation.folder, `${name}.db`);
  const parts = (name: string) => ({
    ...installation.connect(name, options),
    databasePath: database(name),
    // The books end with the test.
    synchronous: 'normal' as const,
    // For what never comes up; how loaded the machine is must not decide a test.
    limits: { startTimeoutMs: 120_000 },
  });
  const order = createOrderService(parts('order'));
  const inventory = createInventoryService(parts('inventory'));
  const payment = createPaymentService(parts('payment'));
  const shipping = createShippingService(parts('shipping'));
  const all = [order, inventory, payment, shipping];
  await Promise.all(all.map((service) => service.start()));
  return {
    order,
    inventory,
    payment,
    shipping,
    all,
    databases: {
      order: database('order'),
      inventory: database('inventory'),
      payment: database('payment'),
      shipping: database('shipping'),
    },
    async stop() {
      await Promise.all(all.map((service) => service.stop()));
    },
  };
}
