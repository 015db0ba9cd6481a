import { PaymentDeclined, placeOrder, ShipmentRefused, StockRejected } from '@shop/contracts';
import {
  type Claim,
  type Clock,
  type Consumer,
  eventClassesOf,
  type IncomingRecord,
  type PartitionReader,
  type Serde,
  type Transport,
} from '@troupe/core';
import { headerNames, internalTopics, type SagaEvent } from '@troupe/core/internal';
import type { OrderSeries } from '../orders/order-series.ts';
import { type OrderEnd, OrderEnds } from './order-ends.ts';
import { WatchedOrder } from './watched-order.ts';

export interface ObserverOptions {
  readonly transport: Transport;
  readonly serde: Serde;
  readonly series: OrderSeries;
  /** A consumer group of its own, new for each run. */
  readonly groupId: string;
  /** Orders of which everything is kept. */
  readonly watched: readonly number[];
  readonly clock: Clock;
  /** An order came to an end, or is stuck, for the first time. */
  readonly onFirstEnd: () => void;
  readonly onCrash: (error: Error) => void;
}

type Refusal = StockRejected | PaymentDeclined | ShipmentRefused;
interface RefusalClass {
  readonly eventName: string;
  new (draft: never): Refusal;
}
const refusals: ReadonlyMap<string, RefusalClass> = new Map(
  [StockRejected, PaymentDeclined, ShipmentRefused].map((refusal) => [refusal.eventName, refusal]),
);

/**
 * Reads the log as anybody could: the life cycle of the sagas, and the events of the shop. Knows nothing that the log
 * does not say.
 *
 * Owns its consumer, the ends of the orders and what is kept of the watched ones. Does not own the transport.
 *
 * 1. Reads from where the log ended when it started, each record once, also when its partition comes back to it.
 * 2. Records of orders that are not of this run are passed over.
 */
export class OrderObserver {
  readonly ends: OrderEnds;
  readonly #options: ObserverOptions;
  readonly #watched: ReadonlyMap<number, WatchedOrder>;
  readonly #topics: readonly string[];
  /** The next offset to read, by topic and partition. */
  readonly #next = new Map<string, bigint>();
  readonly #reading = new Set<Promise<void>>();
  #consumer: Consumer | undefined;
  #heardAtMs: number;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.ends = new OrderEnds(options.series.count);
    this.#watched = new Map(options.watched.map((index) => [index, new WatchedOrder()]));
    const domain = eventClassesOf(placeOrder).map(({ topic }) => topic);
    this.#topics = [...new Set([internalTopics.sagas, ...domain])].sort();
    this.#heardAtMs = options.clock.monotonicMs();
  }

  /** When something was last heard of any order, by the monotonic clock. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  watched(index: number): WatchedOrder | undefined {
    return this.#watched.get(index);
  }

  async start(): Promise<void> {
    const { transport, serde, groupId, onCrash } = this.#options;
    await serde.prepare(eventClassesOf(placeOrder), new AbortController().signal);
    await this.#findEnds();
    this.#consumer = await transport.subscribe({
      groupId,
      topics: this.#topics,
      broadcast: [],
      isolation: 'read-committed',
      sessionTimeoutMs: 30_000,
      onAssigned: (claim) => this.#read(claim),
      onBroadcast: () => undefined,
      onCrash,
    });
  }

  /** Resolves when every refusal that was read is decoded. */
  async settled(): Promise<void> {
    await Promise.all(this.#reading);
  }

  async stop(): Promise<void> {
    await this.#consumer?.close();
    await this.settled();
  }

  async #findEnds(): Promise<void> {
    const { topics } = this.#options.transport;
    const counts = await topics.partitionCounts(this.#topics);
    const partitions = Math.max(0, ...counts.values());
    for (let partition = 0; partition < partitions; partition += 1) {
      const ends = await topics.endOffsets(this.#topics, partition, 'read-uncommitted');
      for (const [topic, offset] of ends) this.#next.set(`${topic}/${partition}`, offset);
    }
  }

  #read(claim: Claim): PartitionReader {
    for (const topic of this.#topics) {
      const next = this.#next.get(`${topic}/${claim.partition}`);
      if (next !== undefined) claim.seek(topic, next);
    }
    return {
      onRecords: (records) => {
        for (const record of records) this.#onRecord(record);
      },
      onRevoked: async () => undefined,
    };
  }

  #onRecord(record: IncomingRecord): void {
    const { topic, partition, offset, key } = record;
    const place = `${topic}/${partition}`;
    if (offset < (this.#next.get(place) ?? 0n)) return; // invariant 1
    this.#next.set(place, offset + 1n);
    const index = this.#options.series.indexOf(text(key));
    if (index === undefined) return; // invariant 2
    this.#heardAtMs = this.#options.clock.monotonicMs();
    if (topic === internalTopics.sagas) this.#onLifeCycle(index, record);
    else this.#onEvent(index, record);
  }

  #onLifeCycle(index: number, record: IncomingRecord): void {
    // The decode boundary: the coordinator is the only one who writes here.
    const events: readonly SagaEvent[] = JSON.parse(text(record.value));
    this.#watched.get(index)?.addLifeCycle(record, events);
    for (const event of events) {
      const end = endOf(event);
      if (end !== undefined) this.#setEnd(index, end);
      // A rejection gives its own reason.
      if (event.type === 'saga-doomed' && event.cause !== 'rejected') {
        this.ends.addReason(index, [event.cause, event.step].filter(Boolean).join(': '));
      }
    }
  }

  #setEnd(index: number, end: OrderEnd): void {
    const isFirst = this.ends.setEnd(index, end, this.#options.clock.monotonicMs());
    if (isFirst) this.#options.onFirstEnd();
  }

  #onEvent(index: number, record: IncomingRecord): void {
    this.#watched.get(index)?.addEvent(record);
    const refusal = refusals.get(text(record.headers[headerNames.type] ?? null));
    if (refusal === undefined || record.value === null) return;
    const decoded = Promise.resolve(this.#options.serde.decode(record.value, refusal)).then(
      ({ reason }) => this.ends.addReason(index, reason),
      (error: unknown) => this.ends.addReason(index, `unreadable refusal: ${String(error)}`),
    );
    this.#reading.add(decoded);
    void decoded.finally(() => this.#reading.delete(decoded));
  }
}

function endOf({ type }: SagaEvent): OrderEnd | undefined {
  switch (type) {
    case 'saga-completed':
      return 'completed';
    case 'saga-compensated':
      return 'compensated';
    case 'saga-stuck':
      return 'stuck';
    case 'saga-resumed':
      return 'open';
    default:
      return undefined;
  }
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
