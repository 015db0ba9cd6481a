import type { IncomingRecord } from '@troupe/core';

/** On whose clock the records of each input are: time limits are counted from it (rule 11), so it has to be the broker's. */
export class TopicTimes {
  /** By topic: since when its records are by their producers' clocks. */
  readonly #byProducers = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get byProducers(): ReadonlyMap<string, number> {
    return this.#byProducers;
  }

  /** True: for the first time since its records were by the broker's clock. */
  observe({ topic, byProducersClock }: IncomingRecord): boolean {
    if (byProducersClock === undefined) {
      if (this.#byProducers.size > 0) this.#byProducers.delete(topic);
      return false;
    }
    if (this.#byProducers.has(topic)) return false;
    this.#byProducers.set(topic, this.#nowMs());
    return true;
  }
}
