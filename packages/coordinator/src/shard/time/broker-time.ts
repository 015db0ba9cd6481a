import type { Clock } from '@troupe/core';

/**
 * What time it is for the broker. Deadlines are counted from append times, so only the broker's own clock can say that one
 * has passed; this machine's may be wrong, or be set while a saga waits.
 *
 * Known from the append time of a record that was just written here, and carried on by the monotonic clock: never ahead
 * of the broker's, and behind it by the time that the record took to come back.
 */
export class BrokerTime {
  readonly #clock: Clock;
  #sample: { readonly appendedMs: number; readonly seenMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A record that this coordinator wrote a moment ago was appended then. */
  observe(appendedMs: number): void {
    this.#sample = { appendedMs, seenMs: this.#clock.monotonicMs() };
  }

  /** Since the last sample; for so long the two clocks had time to drift apart. */
  get ageMs(): number {
    return this.#clock.monotonicMs() - (this.#sample?.seenMs ?? Number.NEGATIVE_INFINITY);
  }

  nowMs(): number {
    if (this.#sample === undefined) return this.#clock.nowMs();
    const { appendedMs, seenMs } = this.#sample;
    return Math.floor(appendedMs + this.#clock.monotonicMs() - seenMs);
  }
}
