import { placeOrder } from '@shop/contracts';
import {
  type CheckpointHook,
  type Clock,
  createService,
  type Logger,
  type Random,
  type Serde,
  type Service,
  type ServiceLimits,
  systemClock,
  systemRandom,
  type Transport,
} from '@troupe/core';
import { createSqliteInbox, type SqliteInboxOptions } from '@troupe/sqlite';
import { type MailProvider, simulateMail } from './mail-provider.ts';
import { NotificationBook } from './notification-book.ts';
import { notifyCustomerHandler } from './notify-customer.ts';
import { type OrderRequest, toOrderPlaced } from './order-request.ts';

export interface OrderParts {
  readonly transport: Transport;
  readonly serde: Serde;
  /** The service's own database; its folder must exist. */
  readonly databasePath: string;
  readonly synchronous?: SqliteInboxOptions['synchronous'];
  /** Default: a simulated one. */
  readonly mails?: MailProvider | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: Partial<ServiceLimits> | undefined;
  /** For tests that end the process at each point. */
  readonly checkpoint?: CheckpointHook | undefined;
}

export interface OrderService extends Service {
  /**
   * Begins the saga of an order. Resolves with the order's id when the broker has the order; asking again with the same
   * `orderId` after a failure does not place it twice.
   */
  place(request: OrderRequest): Promise<string>;
}

/** Talks to the customers: takes their orders, tells them when a parcel is on its way. */
export function createOrderService(options: OrderParts): OrderService {
  const { databasePath, synchronous, mails = simulateMail(), ...parts } = options;
  const { clock = systemClock, random = systemRandom } = parts;
  const inbox = createSqliteInbox({
    path: databasePath,
    synchronous,
    onOpen: (database) => NotificationBook.open(database),
  });
  const service = createService({
    ...parts,
    name: 'order',
    inbox,
    sagas: [placeOrder],
    handlers: [notifyCustomerHandler(inbox, mails)],
  });
  return {
    name: service.name,
    topics: service.topics,
    start: () => service.start(),
    stop: () => service.stop(),
    health: () => service.health(),
    publish: (event, publishOptions) => service.publish(event, publishOptions),
    async place(request) {
      const orderId = request.orderId ?? random.id();
      const placed = toOrderPlaced(request, orderId, new Date(clock.nowMs()));
      await service.publish(placed, { id: `placed-${orderId}` });
      return orderId;
    },
  };
}
