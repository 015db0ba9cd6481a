import { placeOrder } from '@shop/contracts';
import {
  type CheckpointHook,
  type Clock,
  createService,
  type Logger,
  type Serde,
  type Service,
  type ServiceLimits,
  type Transport,
} from '@troupe/core';
import { createSqliteInbox, type SqliteInboxOptions } from '@troupe/sqlite';
import { shipOrderHandler } from './ship-order.ts';
import { ShipmentBook } from './shipment-book.ts';

export interface ShippingParts {
  readonly transport: Transport;
  readonly serde: Serde;
  /** The service's own database; its folder must exist. */
  readonly databasePath: string;
  readonly synchronous?: SqliteInboxOptions['synchronous'];
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: Partial<ServiceLimits> | undefined;
  /** For tests that end the process at each point. */
  readonly checkpoint?: CheckpointHook | undefined;
}

/** Keeps the parcels: hands them to carriers. */
export function createShippingService({
  databasePath,
  synchronous,
  ...parts
}: ShippingParts): Service {
  const inbox = createSqliteInbox({
    path: databasePath,
    synchronous,
    onOpen: (database) => ShipmentBook.open(database),
  });
  return createService({
    ...parts,
    name: 'shipping',
    inbox,
    sagas: [placeOrder],
    handlers: [shipOrderHandler(inbox)],
  });
}
