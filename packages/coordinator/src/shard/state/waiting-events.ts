import type { IncomingRecord } from '@troupe/core';
import type { SagaRef } from '@troupe/core/internal';
import type { RecordPlace, WaitingEvent } from './waiting-event.ts';

export interface Waiting {
  readonly events: number;
  /** Of keys, values and headers, about. */
  readonly bytes: number;
}

const nothing: Waiting = { events: 0, bytes: 0 };

/** What one saga's events wait for: one line for people. */
export interface MissingDefinition {
  readonly saga: SagaRef;
  readonly events: number;
  readonly untilMs: number;
}

/**
 * The events of one shard that wait for the definition that they name, in the order in which they came.
 *
 * Owns them in memory; what is durable is in `troupe.state`, so that input offsets go on and nothing else waits. Does not
 * own when a definition comes, nor what becomes of an event then.
 */
export class WaitingEvents {
  readonly #events = new Map<string, WaitingEvent>();
  readonly #bySaga = new Map<SagaRef, Waiting>();
  #all = nothing;

  /** All of them. */
  get all(): Waiting {
    return this.#all;
  }

  /** Those that wait for this definition. */
  of(saga: SagaRef): Waiting {
    return this.#bySaga.get(saga) ?? nothing;
  }

  /** When the first of them has waited long enough. All wait equally long, so it is the first that came. */
  get nextUntilMs(): number | undefined {
    const [first] = this.#events.values();
    return first?.untilMs;
  }

  has(place: RecordPlace): boolean {
    return this.#events.has(idOf(place));
  }

  add(event: WaitingEvent): void {
    this.remove(event.record);
    this.#events.set(idOf(event.record), event);
    this.#count(event, 1);
  }

  /** False: it did not wait. */
  remove(place: RecordPlace): boolean {
    const event = this.#events.get(idOf(place));
    if (event === undefined) return false;
    this.#events.delete(idOf(place));
    this.#count(event, -1);
    return true;
  }

  /** Those whose wait `isOver`, in the order in which they came. */
  over(isOver: (event: WaitingEvent) => boolean): readonly IncomingRecord[] {
    return [...this.#events.values()].filter(isOver).map(({ record }) => record);
  }

  due(nowMs: number): readonly WaitingEvent[] {
    return [...this.#events.values()].filter(({ untilMs }) => untilMs <= nowMs);
  }

  get missing(): readonly MissingDefinition[] {
    const bySaga = Map.groupBy(this.#events.values(), ({ saga }) => saga);
    return [...bySaga].map(([saga, events]) => ({
      saga,
      events: events.length,
      untilMs: events[0]?.untilMs ?? 0,
    }));
  }

  #count({ record, saga }: WaitingEvent, by: 1 | -1): void {
    const bytes = by * bytesOf(record);
    this.#all = sum(this.#all, by, bytes);
    const its = sum(this.of(saga), by, bytes);
    if (its.events === 0) this.#bySaga.delete(saga);
    else this.#bySaga.set(saga, its);
  }
}

function sum(waiting: Waiting, events: number, bytes: number): Waiting {
  return { events: waiting.events + events, bytes: waiting.bytes + bytes };
}

/** An event has one place in the log, whatever its headers say. */
function idOf({ topic, offset }: RecordPlace): string {
  return `${topic}/${offset}`;
}

function bytesOf({ key, value, headers }: IncomingRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, text] of Object.entries(headers)) bytes += name.length + text.length;
  return bytes;
}
