import type { IncomingRecord } from '@troupe/core';
import type { Committer } from '../committing/committer.ts';
import { TimeProbe } from './time-probe.ts';
import { TimeWatch, type TimeWatchParts } from './time-watch.ts';

export interface ShardTimeParts extends Omit<TimeWatchParts, 'probe' | 'committer'> {
  readonly committer: Committer;
}

/**
 * The time of one shard.
 *
 * Owns asking the broker for it (`TimeProbe`), and saying until when it has passed (`TimeWatch`). Does not own whose time
 * limits these are, nor what follows.
 * Invariant: no time limit passes before everything is folded that was appended until then.
 */
export class ShardTime {
  readonly #probe: TimeProbe;
  readonly #watch: TimeWatch;

  constructor({ standstill, nextAtMs, onKnown, ...parts }: ShardTimeParts) {
    const probe = new TimeProbe(parts);
    this.#probe = probe;
    this.#watch = new TimeWatch({ ...parts, probe, standstill, nextAtMs, onKnown });
  }

  /** The records of `troupe.state`, which is read while the broker is asked. Throws for what cannot be read. */
  onStateRecord(record: IncomingRecord): void {
    this.#probe.onRecord(record);
  }

  /** To be called whenever the earliest timer may have changed. */
  watch(): void {
    this.#watch.watch();
  }

  /** To be called when everything due by what `onKnown` said had its turn. */
  passed(): void {
    this.#watch.passed();
  }
}
