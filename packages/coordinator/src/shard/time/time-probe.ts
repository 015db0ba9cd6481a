import type { Claim, IncomingRecord } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { heardLater } from '../checkpoints.ts';
import type { Committer } from '../committing/committer.ts';
import type { ShardParts } from '../shard-parts.ts';
import { barrierRecord, readStateRecord } from '../state/state-record.ts';
import type { BrokerTime } from './broker-time.ts';

export interface TimeProbeParts {
  readonly claim: Claim;
  readonly parts: ShardParts;
  readonly committer: Committer;
  readonly time: BrokerTime;
  readonly signal: AbortSignal;
}

/** Asks the broker for its time: writes a barrier with the next commit and reads it back. */
export class TimeProbe {
  readonly #claim: Claim;
  readonly #parts: ShardParts;
  readonly #committer: Committer;
  readonly #time: BrokerTime;
  readonly #signal: AbortSignal;
  #asked: { readonly id: string; readonly answered: () => void } | undefined;

  constructor(parts: TimeProbeParts) {
    this.#claim = parts.claim;
    this.#parts = parts.parts;
    this.#committer = parts.committer;
    this.#time = parts.time;
    this.#signal = parts.signal;
  }

  /** Resolves when the time is known anew; one call at a time. Rejects when the signal is aborted. */
  async ask(): Promise<void> {
    const { transport, random, waitFor } = this.#parts;
    const { partition } = this.#claim;
    const { state } = internalTopics;
    const ends = await waitFor('state-end', () =>
      transport.topics.endOffsets([state], partition, 'read-uncommitted'),
    );
    this.#signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    heardLater(promise);
    const stop = () => reject(this.#signal.reason);
    this.#signal.addEventListener('abort', stop, { once: true });
    const id = random.id();
    this.#asked = { id, answered: resolve };
    this.#claim.seek(state, ends.get(state) ?? 0n);
    this.#claim.resume([state]);
    const { batch } = this.#committer;
    batch.write(barrierRecord(partition, id));
    batch.count();
    this.#committer.schedule();
    try {
      await waitFor('broker-time', () => promise);
    } finally {
      this.#asked = undefined;
      this.#signal.removeEventListener('abort', stop);
      this.#claim.pause([state]);
    }
  }

  /** The records of `troupe.state`, while it asks. */
  onRecord(record: IncomingRecord): void {
    if (this.#asked === undefined) return;
    const state = readStateRecord(record);
    if (state.kind !== 'barrier' || state.id !== this.#asked.id) return;
    this.#time.observe(record.timestampMs);
    this.#asked.answered();
  }
}
