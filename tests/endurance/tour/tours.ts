import { setTimeout as delay } from 'node:timers/promises';
import {
  type Consumer,
  createService,
  eventClassesOf,
  type IncomingRecord,
  type Serde,
  type Service,
  type Transport,
} from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { readAll } from '@troupe/testing/ports';
import { BookingBook } from './booking-book.ts';
import { goOnTour, TourPlanned } from './tour-saga.ts';

export interface ToursOptions {
  readonly transport: Transport;
  readonly serde: Serde;
  readonly ratePerSecond: number;
  /** The first part of every tour's id. */
  readonly prefix: string;
  readonly signal: AbortSignal;
  readonly onFault: (fault: string) => void;
}

const retryDelayMs = 250;
const openMax = 500;
/** One of so many is not wanted, and has to be undone. */
const unwantedOneOf = 2;

/**
 * Tours that are planned at a steady rate. Owns the service that publishes them, which takes part in nothing, and who
 * looks for their ends in `troupe.sagas`.
 */
export class Tours {
  readonly acknowledged: string[] = [];
  readonly #options: ToursOptions;
  readonly #office: Service;
  readonly #ends = new Set<string>();
  readonly #planning = new Set<Promise<void>>();
  #planned = 0;
  #consumer: Consumer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ToursOptions) {
    this.#options = options;
    const { transport, serde } = options;
    this.#office = createService({
      name: 'tour-office',
      transport,
      serde,
      sagas: [goOnTour],
      handlers: [],
    });
  }

  get planned(): number {
    return this.#planned;
  }

  get open(): number {
    return this.#planned - this.#ends.size;
  }

  async start(): Promise<void> {
    const { transport, serde, ratePerSecond, onFault, signal } = this.#options;
    await serde.prepare(eventClassesOf(goOnTour), signal);
    await this.#office.start();
    this.#consumer = await readAll(transport, {
      groupId: 'tour-observer',
      topics: [internalTopics.sagas],
      sessionTimeoutMs: 10_000,
      onRecord: (record) => this.#onRecord(record),
      onCrash: (error) => onFault(`who watches the tours crashed: ${error.message}`),
    });
    this.#timer = setInterval(() => {
      if (this.open < openMax) this.#plan();
    }, 1_000 / ratePerSecond);
  }

  /** Resolves when every tour that was planned is acknowledged. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#planning);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#consumer?.close();
    await this.#office.stop();
  }

  /** What the books of the tours have that must not be, after all have ended. */
  static *faultsIn(databasePath: string, tours: readonly string[]): Iterable<string> {
    const books = BookingBook.read(databasePath);
    for (const id of tours) {
      const wanted = isPopular(id) ? 1 : 0;
      for (const what of ['venue', 'crew', 'truck']) {
        const times = books.get(id)?.get(what) ?? 0;
        if (times !== wanted) yield `${id} has its ${what} booked ${times} times, not ${wanted}`;
      }
    }
  }

  #plan(): void {
    this.#planned += 1;
    const id = `${this.#options.prefix}-${this.#planned}`;
    const planning = this.#publish(id).finally(() => this.#planning.delete(planning));
    this.#planning.add(planning);
  }

  async #publish(tourId: string): Promise<void> {
    const { signal } = this.#options;
    const planned = new TourPlanned({ tourId, isPopular: isPopular(tourId) });
    while (!signal.aborted) {
      try {
        await this.#office.publish(planned, { id: `planned-${tourId}` });
        this.acknowledged.push(tourId);
        return;
      } catch {
        // Nobody knows whether the broker has it: it is published again, with the same id.
        await delay(retryDelayMs);
      }
    }
  }

  #onRecord({ key, value }: IncomingRecord): void {
    const id = key === null ? '' : Buffer.from(key).toString();
    if (!id.startsWith(`${this.#options.prefix}-`) || value === null) return;
    if (/"saga-(completed|compensated)"/.test(Buffer.from(value).toString())) this.#ends.add(id);
  }
}

function isPopular(tourId: string): boolean {
  return Number(tourId.slice(tourId.lastIndexOf('-') + 1)) % unwantedOneOf !== 0;
}
