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
import { consumeStockHandler } from './consume-stock.ts';
import { openingStock } from './opening-stock.ts';
import { reserveStockHandler } from './reserve-stock.ts';
import { StockBook } from './stock-book.ts';

export interface InventoryParts {
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

/** Keeps the warehouse: puts goods aside, puts them back, takes them off the books. */
export function createInventoryService({
  databasePath,
  synchronous,
  ...parts
}: InventoryParts): Service {
  const inbox = createSqliteInbox({
    path: databasePath,
    synchronous,
    onOpen: (database) => StockBook.open(database, openingStock),
  });
  return createService({
    ...parts,
    name: 'inventory',
    inbox,
    sagas: [placeOrder],
    handlers: [reserveStockHandler(inbox), consumeStockHandler(inbox)],
  });
}
