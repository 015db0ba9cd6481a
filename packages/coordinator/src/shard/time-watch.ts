import type { CancelTimer, Claim } from '@troupe/core';
import type { ShardParts } from './shard-parts.ts';

/**
 * Says when time has passed for a shard. Something that is due may have come in time and wait unread, so the ends of the
 * inputs are looked up after it was due, and only when all of that was delivered is `onKnown` called: everything that was
 * appended before `nowMs` is then ahead in the queue.
 */
export class TimeWatch {
  readonly #claim: Claim;
  readonly #parts: ShardParts;
  readonly #signal: AbortSignal;
  readonly #nextAtMs: () => number | undefined;
  readonly #onKnown: (nowMs: number) => void;
  #timer: { readonly dueMs: number; readonly cancel: CancelTimer } | undefined;
  #confirming = false;

  constructor(
    claim: Claim,
    parts: ShardParts,
    signal: AbortSignal,
    nextAtMs: () => number | undefined,
    onKnown: (nowMs: number) => void,
  ) {
    this.#claim = claim;
    this.#parts = parts;
    this.#signal = signal;
    this.#nextAtMs = nextAtMs;
    this.#onKnown = onKnown;
    signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true });
  }

  /** To be called whenever the earliest timer may have changed, and when what `onKnown` said was folded. */
  watch(): void {
    const { clock, limits } = this.#parts;
    const nextMs = this.#nextAtMs();
    if (nextMs === undefined || this.#confirming || this.#signal.aborted) return;
    if (this.#timer !== undefined && this.#timer.dueMs <= nextMs) return;
    this.#timer?.cancel();
    const delayMs = Math.max(nextMs - clock.nowMs(), limits.timerTickMs);
    const cancel = clock.after(delayMs, () => {
      this.#timer = undefined;
      void this.#confirm();
    });
    this.#timer = { dueMs: nextMs, cancel };
  }

  /** What `onKnown` said was folded. */
  folded(): void {
    this.#confirming = false;
    this.watch();
  }

  async #confirm(): Promise<void> {
    const { clock, transport, inputs, limits, logger } = this.#parts;
    const nowMs = clock.nowMs();
    if ((this.#nextAtMs() ?? Number.POSITIVE_INFINITY) > nowMs) {
      this.watch();
      return;
    }
    this.#confirming = true;
    try {
      const { partition } = this.#claim;
      const ends = await transport.topics.endOffsets(inputs, partition, 'read-uncommitted');
      while ([...ends].some(([topic, end]) => this.#claim.position(topic) < end)) {
        await clock.sleep(limits.timerTickMs, this.#signal);
      }
      this.#onKnown(nowMs);
    } catch (error) {
      if (this.#signal.aborted) return;
      logger.warn('time limits wait: the ends of the inputs are not known', { error });
      clock.after(limits.takeOverDelayMs, () => this.folded());
    }
  }
}
