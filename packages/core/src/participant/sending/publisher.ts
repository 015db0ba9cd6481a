import { ConfigurationError } from '../../errors/error-kinds.ts';
import { type AnyEventClass, type Event, eventClassOf, eventKeyOf } from '../../events/event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Serde } from '../../ports/serde.ts';
import type { OutgoingRecord, Producer } from '../../ports/transport.ts';
import { type SagaGraph, type SagaRef, sagaRef } from '../../sagas/graph/saga-graph.ts';
import type { TraceHeaders, Tracing } from '../../tracing/tracing.ts';
import { writeMessageHeaders } from '../../wire/message-headers.ts';
import type { Tenure } from '../waiting/tenure.ts';
import { assertRecordFits } from './record-limit.ts';

/** An event that is published by hand, not as the outcome of a step. */
export interface Publication {
  readonly event: Event;
  readonly id: string;
  readonly causationId?: string | undefined;
  /** The saga that it starts, where several of the service's sagas start on it. */
  readonly saga?: string | undefined;
  /** The context of what caused it; without it, what is active in the caller. */
  readonly trace?: TraceHeaders | undefined;
}

interface PublisherParts {
  readonly name: string;
  readonly clock: Clock;
  readonly serde: Serde;
  readonly tracing: Tracing;
  readonly producer: Producer;
  readonly messageBytesMax: number;
  readonly sagas: readonly SagaGraph[];
}

/** Publishes events of users, and stamps those that start a saga with its reference. */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #prepared: Set<AnyEventClass>;
  readonly #stopped = new AbortController();

  /** `prepared` are the classes whose schemas are registered; others are when they are first published. */
  constructor(parts: PublisherParts, prepared: ReadonlySet<AnyEventClass>, tenure: Tenure) {
    this.#parts = parts;
    this.#prepared = new Set(prepared);
    tenure.when('ending', () => this.#stopped.abort());
  }

  /**
   * Resolves when the broker has acknowledged the event. Rejects with a `TransportError`; then it may have been written or
   * not: publish it again with the same `id`.
   */
  async publish(publication: Publication): Promise<void> {
    const { event } = publication;
    const eventClass = eventClassOf(event);
    const saga = this.#sagaOf(eventClass, publication.saga);
    if (!this.#prepared.has(eventClass)) {
      await this.#parts.serde.prepare([eventClass], this.#stopped.signal);
      this.#prepared.add(eventClass);
    }
    const value = this.#parts.serde.encode(event);
    const key = eventKeyOf(event);
    const message = { topic: eventClass.topic, id: publication.id, correlationId: key };
    const trace = this.#parts.tracing.send(
      { ...message, bodyBytes: value.length, saga },
      publication.trace,
    );
    const headers = writeMessageHeaders(
      {
        id: publication.id,
        source: this.#parts.name,
        type: eventClass.eventName,
        correlationId: key,
        causationId: publication.causationId,
        saga,
        step: undefined,
        attempt: 1,
        undoes: undefined,
      },
      this.#parts.clock.nowMs(),
    );
    const record = {
      topic: eventClass.topic,
      key,
      value,
      headers: { ...headers, ...trace.headers },
    };
    await this.#send(record, trace.end, eventClass);
  }

  async #send(
    record: OutgoingRecord,
    ended: (error?: unknown) => void,
    { eventName }: AnyEventClass,
  ): Promise<void> {
    try {
      assertRecordFits(record, this.#parts.messageBytesMax, `event ${eventName}`);
      await this.#parts.producer.send([record]);
    } catch (error) {
      ended(error);
      throw error;
    }
    ended();
  }

  #sagaOf({ eventName }: AnyEventClass, given: string | undefined): SagaRef | undefined {
    const started = this.#parts.sagas.filter(({ startsOn }) => startsOn.type === eventName);
    const names = started.map(({ name, version }) => `${name}@${version}`);
    if (given !== undefined) {
      const chosen = started.filter(
        (graph) => graph.name === given || `${graph.name}@${graph.version}` === given,
      );
      const [saga] = chosen;
      if (saga !== undefined && chosen.length === 1) return sagaRef(saga);
      const list =
        names.length === 0 ? 'starts no saga of this service' : `starts ${names.join(', ')}`;
      throw new ConfigurationError(
        `publish: ${eventName} ${list}, so { saga: '${given}' } names none, or not exactly one`,
      );
    }
    const [only] = started;
    if (started.length <= 1) return only === undefined ? undefined : sagaRef(only);
    throw new ConfigurationError(
      `publish: ${eventName} starts ${names.join(', ')}: say which one, as in publish(event, { saga: '${names[0]}' })`,
    );
  }
}
