import { placeOrder } from '@shop/contracts';
import { type Event, eventClassOf, eventKeyOf, type Producer, toGraph } from '@troupe/core';
import {
  CompensationRequested,
  headerNames,
  internalEvents,
  StepRequested,
  sagaRef,
  writeMessageHeaders,
} from '@troupe/core/internal';
import type { Connection } from '../e2e/installation.ts';

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
    const records = steps.flatMap((step) => [
      this.#record(step, (correlationId) => ({
        event: new CompensationRequested({
          correlationId,
          step,
          requestNumber: 1,
          inputs: [],
          action: 'cancel',
        }),
      })),
      this.#record(step, (correlationId) => ({
        event: new StepRequested({
          correlationId,
          step,
          requestNumber: 1,
          inputs: [],
          action: 'execute',
        }),
        value: Uint8Array.of(7),
      })),
    ]);
    await this.#producer.send(records);
  }

  #record(step: string, make: (id: string) => { event: Event; value?: Uint8Array }) {
    this.#count += 1;
    const id = `invented-${this.#count}`;
    const { event, value = this.#connection.serde.encode(event) } = make(id);
    const { eventName: type, topic } = eventClassOf(event);
    const headers = writeMessageHeaders(
      {
        id: `request of ${id}`,
        source: 'nobody',
        type,
        correlationId: id,
        causationId: undefined,
        saga,
        step,
        attempt: 1,
        undoes: undefined,
      },
      Date.now(),
    );
    return { topic, key: eventKeyOf(event), value, headers };
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}

export const inventedIn = (headers: Readonly<Record<string, string>>): boolean =>
  headers[headerNames.correlationId]?.startsWith('invented-') ?? false;
