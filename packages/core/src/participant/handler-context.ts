import type { Event } from '../events/event.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Logger } from '../ports/logger.ts';

/** What a step's handler is given beside its input. */
export interface StepContext {
  /** The saga's id: the correlation id, the key of all its events. */
  readonly sagaId: string;
  /**
   * The same whenever this effect is tried again, in whatever process: an idempotency key for what lies outside of the
   * local transaction, such as a payment provider.
   */
  readonly effectId: string;
  /** From 1. */
  readonly attempt: number;
  /** Aborted when the attempt's time is over or the service ends: give up then. */
  readonly signal: AbortSignal;
  /** With the saga, the step and the attempt in every line. */
  readonly logger: Logger;
  /**
   * Does the effect, notes that it was done and keeps its outcome, in one local transaction of the service's inbox: all
   * of it or none. Resolves after the commit with the event that `work` returned, which the handler returns in turn.
   * `inbox` is the one that the service was created with; it types `tx`.
   *
   * @example
   * execute: (order, ctx) => ctx.transaction(inbox, (db) => {
   *   db.prepare('UPDATE stock SET units = units - 1 WHERE sku = ?').run(order.sku)
   *   return new StockReserved({ orderId: order.orderId })
   * })
   */
  transaction<Tx, Outcome extends Event>(
    inbox: Inbox<Tx>,
    work: (tx: Tx) => Outcome | Promise<Outcome>,
  ): Promise<Outcome>;
}

/** What the handler of `on` is given beside the event. */
export interface EventContext {
  readonly eventId: string;
  /** The event's key. */
  readonly correlationId: string;
  /** From 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Does the effect and notes that the event was handled, in one local transaction of the service's inbox. */
  transaction<Tx, Result>(
    inbox: Inbox<Tx>,
    work: (tx: Tx) => Result | Promise<Result>,
  ): Promise<Result>;
  /**
   * Publishes an event because of this one. Resolves when the broker has it. Its id follows from this event's id and from
   * how many were published before it, so that handling the event again publishes the same events again: publish
   * before or outside of `transaction`, in an order that does not change.
   */
  publish(event: Event): Promise<void>;
}
