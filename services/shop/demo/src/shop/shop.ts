import type { OrderRequest } from '@shop/order';
import type { Serde, Transport } from '@troupe/core';
import type { ShopDatabases } from '../books/shop-books.ts';

/** A shop that runs: four services, a coordinator, a log. */
export interface Shop {
  /** As in `in one process`. */
  readonly setting: string;
  /** For who wants to read the log; closed with the shop. */
  readonly transport: Transport;
  readonly serde: Serde;
  readonly databases: ShopDatabases;
  /** The first part of the ids of this run's orders: no order of another run has it. */
  readonly orderPrefix: string;
  /** True: nobody else uses this shop. */
  readonly alone: boolean;
  /** Never resolves; rejects when a part of the shop died. */
  readonly died: Promise<never>;
  /** Where traces are; undefined where there are none. */
  readonly jaeger?: Jaeger | undefined;
  /** Resolves when the log has the order. */
  place(order: OrderRequest): Promise<void>;
  /** Ends the services in order, so that their books and traces are complete. Idempotent. */
  stop(): Promise<void>;
  /** Releases all the rest, after `stop`. Idempotent. */
  close(): Promise<void>;
}

export interface Jaeger {
  readonly queryUrl: string;
  /** True: it ends with the shop, and what it shows is gone then. */
  readonly isOurs: boolean;
}

/** The groups that read the shop's topics. */
export const shopGroups = [
  'order',
  'inventory',
  'payment',
  'shipping',
  'troupe-coordinator',
] as const;
