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
  #committing: Promise<void> | undefined;

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

  /** Resolves when all of `partitions` is committed, whatever is marked of others meanwhile, or after `commitTimeoutMs`. */
  async flush(partitions: readonly number[]): Promise<void> {
    const { clock, limits, logger } = this.#surroundings;
    const endMs = clock.monotonicMs() + limits.commitTimeoutMs;
    while (this.#uncommitted(partitions) > 0) {
      await this.#commitAll();
      const offsets = this.#uncommitted(partitions);
      if (offsets === 0) return;
      if (clock.monotonicMs() > endMs) {
        logger.warn('offsets were not committed: their records will be delivered again', {
          offsets,
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

  #uncommitted(partitions: readonly number[]): number {
    const places = new Map([...this.#inFlight, ...this.#done]);
    return [...places.values()].filter(({ partition }) => partitions.includes(partition)).length;
  }

  async #commitAll(): Promise<void> {
    while (this.#committing !== undefined) await this.#committing;
    if (this.#done.size === 0) return;
    this.#committing = this.#commitNow();
    await this.#committing;
  }

  async #commitNow(): Promise<void> {
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
      this.#inFlight = new Map();
      this.#committing = undefined;
    }
  }
}
