import type { CancelTimer, Claim } from '@troupe/core';
import type { Committer } from '../committing/committer.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { Standstill } from '../standstill.ts';
import type { BrokerTime } from './broker-time.ts';
import type { TimeProbe } from './time-probe.ts';

export interface TimeWatchParts {
  readonly claim: Claim;
  readonly parts: ShardParts;
  readonly signal: AbortSignal;
  readonly time: BrokerTime;
  readonly committer: Pick<Committer, 'passableMs'>;
  readonly probe: TimeProbe;
  readonly standstill: Standstill;
  /** When somebody next has to hear that time passed. */
  readonly nextAtMs: () => number | undefined;
  /** Everything that was appended before `untilMs` was delivered by now. */
  readonly onKnown: (untilMs: number) => void;
}

/**
 * Says when time has passed for a shard. Something that is due may have come in time and wait unread, so the ends of the
 * inputs are looked up after it was due, and only when all of that was delivered is `onKnown` called: everything that was
 * appended before `untilMs` is then ahead in the queue.
 */
export class TimeWatch {
  readonly #claim: Claim;
  readonly #parts: ShardParts;
  readonly #signal: AbortSignal;
  readonly #time: BrokerTime;
  readonly #committer: TimeWatchParts['committer'];
  readonly #probe: TimeProbe;
  readonly #standstill: Standstill;
  readonly #nextAtMs: TimeWatchParts['nextAtMs'];
  readonly #onKnown: TimeWatchParts['onKnown'];
  #timer: { readonly dueMs: number; readonly cancel: CancelTimer } | undefined;
  #confirming = false;

  constructor(parts: TimeWatchParts) {
    const { signal } = parts;
    this.#claim = parts.claim;
    this.#parts = parts.parts;
    this.#signal = signal;
    this.#time = parts.time;
    this.#committer = parts.committer;
    this.#probe = parts.probe;
    this.#standstill = parts.standstill;
    this.#nextAtMs = parts.nextAtMs;
    this.#onKnown = parts.onKnown;
    signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true });
  }

  /** To be called whenever the earliest timer may have changed. */
  watch(): void {
    const { clock, limits } = this.#parts;
    const nextMs = this.#nextAtMs();
    if (nextMs === undefined || this.#confirming || this.#signal.aborted) return;
    if (this.#timer !== undefined && this.#timer.dueMs <= nextMs) return;
    this.#timer?.cancel();
    const delayMs = Math.max(nextMs - this.#time.nowMs(), limits.timerTickMs);
    const cancel = clock.after(delayMs, () => {
      this.#timer = undefined;
      void this.#confirm();
    });
    this.#timer = { dueMs: nextMs, cancel };
  }

  /** Time has passed as far as `onKnown` said, or will later. */
  passed(): void {
    this.#confirming = false;
    this.watch();
  }

  async #confirm(): Promise<void> {
    const { clock, limits, logger } = this.#parts;
    if (!this.#isDue()) {
      this.watch();
      return;
    }
    this.#confirming = true;
    let knownUntilMs: number | undefined;
    try {
      knownUntilMs = await this.#knownUntil();
    } catch (error) {
      if (this.#signal.aborted) return;
      logger.warn('time limits wait: the ends of the inputs are not known', { error });
      clock.after(limits.takeOverDelayMs, () => this.passed());
      return;
    }
    if (this.#signal.aborted) return;
    if (knownUntilMs === undefined) this.passed();
    else this.#onKnown(knownUntilMs);
  }

  #isDue(): boolean {
    return (this.#nextAtMs() ?? Number.POSITIVE_INFINITY) <= this.#committer.passableMs;
  }

  /** The time until which everything was delivered; undefined when nothing is due after all. */
  async #knownUntil(): Promise<number | undefined> {
    const { transport, inputs, limits, waitFor } = this.#parts;
    if (this.#time.ageMs > limits.brokerTimeAgeMsMax) {
      await this.#probe.ask();
      if (!this.#isDue()) return undefined;
    }
    // Before the ends: what was appended until then lies below them.
    const untilMs = this.#committer.passableMs;
    const { partition } = this.#claim;
    const ends = await waitFor('input-ends', () =>
      transport.topics.endOffsets(inputs, partition, 'read-uncommitted'),
    );
    await this.#delivered(ends); // the invariant of ShardTime
    return untilMs;
  }

  /**
   * The ends are those of everything that was appended, not of what may be read yet: an event that came in time may lie
   * behind a transaction of another producer that is still open. So nothing passes until that is over, and it is told of.
   */
  async #delivered(ends: ReadonlyMap<string, bigint>): Promise<void> {
    const { clock, limits, waitFor } = this.#parts;
    const isBehind = ([topic, end]: readonly [string, bigint]) => this.#claim.position(topic) < end;
    const sinceMs = clock.monotonicMs();
    let behind = [...ends].filter(isBehind);
    try {
      while (behind.length > 0) {
        if (clock.monotonicMs() - sinceMs > limits.standstillMs) this.#tell(behind);
        await waitFor('deliveries', () => clock.sleep(limits.timerTickMs, this.#signal));
        behind = behind.filter(isBehind);
      }
    } finally {
      this.#standstill.end('time');
    }
  }

  #tell(behind: readonly (readonly [topic: string, end: bigint])[]): void {
    const places = behind.map(([topic, end]) => {
      const at = `${topic}-${this.#claim.partition}`;
      return `${at} is read up to ${this.#claim.position(topic)} of ${end}`;
    });
    this.#standstill.begin(
      'time',
      `no time limit passes, since events that came in time may be unread: ${places.join(', ')}. ` +
        'Where that does not go on, a transaction of another producer is open there: end it',
    );
  }
}
