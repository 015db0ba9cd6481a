import { placeOrder } from '@shop/contracts';
import { type Event, type OutgoingRecord, type Producer, toGraph } from '@troupe/core';
import {
  CompensationRequested,
  headerNames,
  internalEvents,
  StepRequested,
  sagaRef,
} from '@troupe/core/internal';
import { foreignRecord } from '@troupe/testing/ports';
import type { Connection } from '../installations/kafka-and-registry.ts';

const saga = sagaRef(toGraph(placeOrder));
const steps = ['reserve-stock', 'charge-payment', 'ship-order', 'notify-customer'];

/**
 * Requests for sagas that there are not: what a shop in good health is never asked, so that every service passes every
 * checkpoint. They change no book.
 */
export class InventedRequests {
  readonly #connection: Connection;
  readonly #producer: Producer;
  #count = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#producer = connection.transport.createProducer();
  }

  async open(): Promise<void> {
    await this.#connection.serde.prepare(internalEvents, new AbortController().signal);
  }

  /** For each step: cancel it, and run it with an input that nobody can read. */
  async send(): Promise<void> {
    const request = { requestNumber: 1, inputs: [] };
    const records = steps.flatMap((step) => [
      this.#record(
        step,
        (correlationId) =>
          new CompensationRequested({ ...request, correlationId, step, action: 'cancel' }),
      ),
      this.#record(
        step,
        (correlationId) =>
          new StepRequested({ ...request, correlationId, step, action: 'execute' }),
        Uint8Array.of(7),
      ),
    ]);
    await this.#producer.send(await Promise.all(records));
  }

  #record(step: string, make: (id: string) => Event, value?: Uint8Array): Promise<OutgoingRecord> {
    this.#count += 1;
    const id = `invented-${this.#count}`;
    const options = { id: `request of ${id}`, saga, step, value };
    return foreignRecord(this.#connection.serde, make(id), options);
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

export const inventedIn = (headers: Readonly<Record<string, string>>): boolean =>
  headers[headerNames.correlationId]?.startsWith('invented-') ?? false;
