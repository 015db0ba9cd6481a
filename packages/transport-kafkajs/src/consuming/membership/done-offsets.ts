import type { CancelTimer } from '@troupe/core';
import type { Surroundings } from '../../client/kafka-client.ts';
import type { TopicOffset } from './group-seat.ts';

/**
 * What was marked as done and is not committed yet.
 *
 * 1. One commit at a time; what is marked meanwhile is in the next one.
 * 2. What could not be committed is tried again with the next commit, until it is forgotten or dropped: also what was on
 *    its way at that moment. A later session may be about partitions that another member has held meanwhile.
 */
export class DoneOffsets {
  readonly #surroundings: Surroundings;
  readonly #commit: (offsets: readonly TopicOffset[]) => Promise<void>;
  #done = new Map<string, TopicOffset>();
  #inFlight = new Map<string, TopicOffset>();
  #cancelTimer: CancelTimer | undefined;
  #committing: Promise<boolean> | undefined;

  constructor(
    surroundings: Surroundings,
    commit: (offsets: readonly TopicOffset[]) => Promise<void>,
  ) {
    this.#surroundings = surroundings;
    this.#commit = commit;
  }

  mark(topic: string, partition: number, offset: bigint): void {
    this.#done.set(`${topic}/${partition}`, { topic, partition, offset });
    this.#schedule();
  }

  /** Commits all, and tries again for `commitTimeoutMs`. */
  async flush(): Promise<void> {
    const { clock, limits, logger } = this.#surroundings;
    const endMs = clock.monotonicMs() + limits.commitTimeoutMs;
    while (!(await this.#commitAll())) {
      if (clock.monotonicMs() > endMs) {
        logger.warn('offsets were not committed: their records will be delivered again', {
          offsets: this.#done.size,
        });
        return;
      }
      await clock.sleep(limits.commitIntervalMs, new AbortController().signal);
    }
  }

  /** `partition` goes to another member: what it does there counts. */
  forget(partition: number): void {
    for (const offsets of [this.#done, this.#inFlight]) {
      for (const [place, { partition: its }] of offsets) {
        if (its === partition) offsets.delete(place);
      }
    }
  }

  /** Nothing of these can be committed any more. */
  drop(): void {
    this.#done.clear();
    this.#inFlight.clear();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #schedule(): void {
    const { clock, limits } = this.#surroundings;
    this.#cancelTimer ??= clock.after(limits.commitIntervalMs, () => {
      this.#cancelTimer = undefined;
      void this.#commitAll();
    });
  }

  /** Whether nothing is left to be committed. */
  async #commitAll(): Promise<boolean> {
    while (this.#committing !== undefined) await this.#committing;
    if (this.#done.size === 0) return true;
    this.#committing = this.#commitNow();
    return this.#committing;
  }

  async #commitNow(): Promise<boolean> {
    this.#inFlight = this.#done;
    this.#done = new Map();
    try {
      await this.#commit([...this.#inFlight.values()]);
    } catch (error) {
      this.#surroundings.logger.debug('a commit of offsets failed', { error });
      // What was marked meanwhile is newer.
      this.#done = new Map([...this.#inFlight, ...this.#done]);
      if (this.#done.size > 0) this.#schedule();
    } finally {
      this.#committing = undefined;
    }
    return this.#done.size === 0;
  }
}
