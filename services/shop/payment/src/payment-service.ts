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
import { type CardProvider, simulateCards } from './card-provider.ts';
import { ChargeBook } from './charge-book.ts';
import { chargePaymentHandler } from './charge-payment.ts';

export interface PaymentParts {
  readonly transport: Transport;
  readonly serde: Serde;
  /** The service's own database; its folder must exist. */
  readonly databasePath: string;
  readonly synchronous?: SqliteInboxOptions['synchronous'];
  /** Default: a simulated one. */
  readonly cards?: CardProvider | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: Partial<ServiceLimits> | undefined;
  /** For tests that end the process at each point. */
  readonly checkpoint?: CheckpointHook | undefined;
}

/** Keeps the money: charges cards and refunds them. */
export function createPaymentService(options: PaymentParts): Service {
  const { databasePath, synchronous, cards, ...parts } = options;
  const inbox = createSqliteInbox({
    path: databasePath,
    synchronous,
    onOpen: (database) => ChargeBook.open(database),
  });
  const provider = cards ?? simulateCards({ clock: parts.clock });
  return createService({
    ...parts,
    name: 'payment',
    inbox,
    sagas: [placeOrder],
    handlers: [chargePaymentHandler(inbox, provider)],
  });
}
