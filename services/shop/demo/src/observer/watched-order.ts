import type { IncomingRecord } from '@troupe/core';
import {
  headerNames,
  type MessageHeaders,
  readMessageHeaders,
  type SagaEvent,
} from '@troupe/core/internal';

/** A domain event as it lies in the log. */
export interface LoggedEvent {
  readonly headers: MessageHeaders;
  readonly framed: Uint8Array;
  readonly appendedAtMs: number;
}

/** No order has more; what comes beyond is not part of its story. */
const recordsMax = 500;

/**
 * Owns everything that the log says of one order. Records that the log has twice are kept once.
 */
export class WatchedOrder {
  readonly lifeCycle: SagaEvent[] = [];
  readonly events = new Map<string, LoggedEvent>();
  readonly #seen = new Set<string>();
  #traceId: string | undefined;

  /** Of the trace that the saga is, once an event with a trace header was seen. */
  get traceId(): string | undefined {
    return this.#traceId;
  }

  addLifeCycle(record: IncomingRecord, events: readonly SagaEvent[]): void {
    if (this.#isNew(record)) this.lifeCycle.push(...events);
  }

  addEvent(record: IncomingRecord): void {
    const headers = readMessageHeaders(record.headers, record.key);
    if ('fault' in headers || record.value === null || !this.#isNew(record)) return;
    if (this.events.has(headers.id)) return;
    this.events.set(headers.id, {
      headers,
      framed: record.value,
      appendedAtMs: record.timestampMs,
    });
    this.#traceId ??= traceIdOf(record);
  }

  #isNew({ topic, partition, offset }: IncomingRecord): boolean {
    const place = `${topic}/${partition}/${offset}`;
    if (this.#seen.has(place) || this.#seen.size >= recordsMax) return false;
    this.#seen.add(place);
    return true;
  }
}

function traceIdOf({ headers }: IncomingRecord): string | undefined {
  const header = headers[headerNames.traceParent];
  if (header === undefined) return undefined;
  return /^00-([0-9a-f]{32})-/.exec(Buffer.from(header).toString('latin1'))?.[1];
}
