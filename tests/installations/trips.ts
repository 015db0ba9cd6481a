import type { Coordinator } from '@troupe/coordinator';
import { implement, TerminalError } from '@troupe/core';
import { headerNames, internalTopics, type Progress, partitionOf } from '@troupe/core/internal';
import { expect } from 'vitest';
import type { ObservedInstallation } from './observed-installation.ts';
import { stateOnTopic } from './state-on-topic.ts';
import {
  FlightFreed,
  FlightHeld,
  FlightRefused,
  holdFlight,
  hotelHandler,
  payHandler,
  TripBooked,
  TripBooks,
} from './trip-saga.ts';

export type TripEnd = 'completed' | 'refused' | 'failed';

const ends: readonly TripEnd[] = ['completed', 'refused', 'failed'];
const centsOf: Readonly<Record<TripEnd, number>> = { completed: 500, refused: 50, failed: 77 };

/** Says that it is part of a saga which nobody defined. */
const strange = { ce_type: 'trip.TripBooked', ce_saga: 'other@1#deadbeefdeadbeef' };

/**
 * Trips through an installation, and what has to be true of them whatever became of its coordinators. A third completes,
 * a third is refused a flight, and with a third nobody knows whether it has one.
 */
export class Trips {
  readonly #troupe: ObservedInstallation;
  readonly #books = new TripBooks();
  readonly #ends = new Map<string, TripEnd>();
  #strangers = 0;

  constructor(troupe: ObservedInstallation) {
    this.#troupe = troupe;
  }

  get count(): number {
    return this.#ends.size;
  }

  /** Starts the services that take part in them. */
  async start(): Promise<void> {
    await this.#troupe.startService('hotel', [hotelHandler(this.#books)]);
    await this.#troupe.startService('flight', [unreliableFlight]);
    await this.#troupe.startService('till', [payHandler(this.#books)]);
  }

  async book(count: number): Promise<void> {
    const until = this.count + count;
    while (this.count < until) {
      const id = `t-${this.count}`;
      const end = ends[this.count % ends.length] ?? 'completed';
      this.#ends.set(id, end);
      await this.#troupe.publish(new TripBooked({ id, cents: centsOf[end] }));
    }
  }

  /** One record for each partition that belongs to no saga that anybody knows. */
  async sendStrangers(): Promise<void> {
    for (let partition = 0; partition < this.#troupe.partitions; partition += 1) {
      this.#strangers += 1;
      const id = `stranger-${this.#strangers}`;
      const key = keyOn(partition, this.#troupe.partitions, id);
      const headers = { ...strange, [headerNames.id]: id };
      await this.#troupe.send({ topic: 'trip', key, value: null, headers });
    }
  }

  /** Each trip has come to the one end that it has to come to, and what was booked for it is paid or given back. */
  expectEnded(): void {
    for (const [id, end] of this.#ends) {
      const types = this.#troupe.lifeOf(id).map(({ type }) => type);
      const found = types.filter(
        (type) => type === 'saga-completed' || type === 'saga-compensated',
      );
      const isCompleted = end === 'completed';
      expect([id, end, ...found]).toEqual([
        id,
        end,
        isCompleted ? 'saga-completed' : 'saga-compensated',
      ]);
      expect([id, this.#books.hotels.get(id)]).toEqual([id, isCompleted ? 1 : 0]);
      expect([id, this.#books.paid.get(id)]).toEqual([id, isCompleted ? 1 : undefined]);
    }
  }

  /** I10: `troupe.sagas` folded is what the coordinators hold, and what they would be rebuilt from. */
  expectOneTruth(coordinators: readonly Coordinator[]): void {
    const state = stateOnTopic(this.#troupe.records);
    const folded = new Map<string, Progress>();
    for (const id of this.#ends.keys()) {
      const progress = this.#troupe.folded(id);
      if (progress !== undefined) folded.set(`book-trip/${id}`, progress);
    }
    expect(Object.fromEntries(state.sagas)).toEqual(Object.fromEntries(folded));
    const live = new Map<string, Progress>();
    for (const id of this.#ends.keys()) {
      const found = coordinators.map((one) => one.saga('book-trip', id)).find(Boolean);
      if (found !== undefined) live.set(`book-trip/${id}`, found);
    }
    expect(Object.fromEntries(live)).toEqual(Object.fromEntries(folded));
    const held = coordinators.flatMap((one) => one.health().shards.map(({ sagas }) => sagas));
    expect(held.reduce((sum, sagas) => sum + sagas, 0)).toBe(folded.size);
    // What was kept to undo a saga goes with it.
    for (const saga of state.payloadsOf)
      expect([saga, state.sagas.has(saga)]).toEqual([saga, true]);
  }

  /** No reader of committed records sees anything twice, and nothing is lost to the dead letters. */
  expectNothingTwice(): void {
    for (const topic of [internalTopics.sagas, internalTopics.requests]) {
      const ids = this.#troupe.records
        .filter((record) => record.topic === topic)
        .map(({ headers }) => headers[headerNames.id]);
      const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
      expect([topic, ...twice]).toEqual([topic]);
      expect(ids.length).toBeGreaterThan(0);
    }
    const codes = this.#troupe.deadLetters.map(([code]) => code);
    expect(codes).toEqual(Array.from({ length: this.#strangers }, () => 'definition-unknown'));
  }
}

/** A handler that fails is in doubt: nobody knows whether it held a seat. */
const unreliableFlight = implement(holdFlight, {
  execute: async ({ id, cents }) => {
    if (cents === centsOf.failed) throw new TerminalError('the airline hung up');
    return cents === centsOf.refused ? new FlightRefused({ id }) : new FlightHeld({ id });
  },
  compensate: async ({ input }) => new FlightFreed({ id: input.id }),
});

/** A key that hashes to this partition. */
function keyOn(partition: number, partitions: number, prefix: string): string {
  for (let number = 0; ; number += 1) {
    const key = `${prefix}-${number}`;
    if (partitionOf(key, partitions) === partition) return key;
  }
}
