import type { Claim, IncomingRecord, PartitionReader } from '@troupe/core';

/** What a claim asks of the consumer that it belongs to. */
export interface ClaimOwner {
  sought(topic: string, partition: number, offset: bigint): void;
  paused(): void;
  resumed(): void;
  markDone(topic: string, partition: number, offset: bigint): void;
}

interface TopicState {
  position: bigint;
  isPaused: boolean;
  /** kafkajs has not begun to fetch from `position` yet: what comes before that was fetched for another place. */
  isSeeking: boolean;
}

/**
 * One partition number in this member's hands.
 *
 * 1. After `lost` is aborted nothing is delivered, and no method does anything.
 * 2. From `revoke` on nothing is delivered; offsets still count until `lost`.
 * 3. The position is where the delivery stands, never ahead of it, also across seeks.
 */
export class GroupClaim implements Claim {
  readonly partition: number;
  readonly #owner: ClaimOwner;
  readonly #topics = new Map<string, TopicState>();
  readonly #losing = new AbortController();
  #reader: PartitionReader | undefined;
  #revoking: Promise<void> | undefined;

  constructor(partition: number, owner: ClaimOwner, positions: ReadonlyMap<string, bigint>) {
    this.partition = partition;
    this.#owner = owner;
    for (const [topic, position] of positions) {
      this.#topics.set(topic, { position, isPaused: false, isSeeking: true });
    }
  }

  get lost(): AbortSignal {
    return this.#losing.signal;
  }

  get isRevoking(): boolean {
    return this.#revoking !== undefined;
  }

  set reader(reader: PartitionReader) {
    this.#reader = reader;
  }

  pause(topics: readonly string[]): void {
    this.#setPaused(topics, true);
    if (!this.lost.aborted) this.#owner.paused();
  }

  resume(topics: readonly string[]): void {
    this.#setPaused(topics, false);
    if (!this.lost.aborted) this.#owner.resumed();
  }

  seek(topic: string, offset: bigint): void {
    const state = this.#topics.get(topic);
    if (this.lost.aborted || state === undefined) return;
    state.position = offset;
    state.isSeeking = true;
    this.#owner.sought(topic, this.partition, offset);
  }

  markDone(topic: string, offset: bigint): void {
    if (this.lost.aborted || !this.#topics.has(topic)) return;
    this.#owner.markDone(topic, this.partition, offset);
  }

  position(topic: string): bigint {
    return this.#topics.get(topic)?.position ?? 0n;
  }

  /** kafkajs is about to fetch from `offset`, or has. Whether it shall. */
  fetching(topic: string, offset: bigint): boolean {
    const state = this.#topics.get(topic);
    if (state === undefined || state.isPaused || this.isRevoking) return false;
    if (state.position === offset) state.isSeeking = false;
    // Whoever fetches behind the position catches up; what lies ahead of it would leave a gap.
    return state.isSeeking || offset <= state.position;
  }

  /** kafkajs has joined again, or is another one, and would go on at the committed offsets. */
  reposition(): void {
    for (const [topic, state] of this.#topics) {
      state.isSeeking = true;
      this.#owner.sought(topic, this.partition, state.position);
    }
  }

  /** The offsets below `next` hold nothing that is delivered. */
  passed(topic: string, next: bigint): void {
    const state = this.#topics.get(topic);
    if (state === undefined || state.isSeeking || next <= state.position) return;
    state.position = next;
    if (!this.lost.aborted && !this.isRevoking) this.#reader?.onPassed?.(topic);
  }

  /** Whether they were taken; if not they have to come again. What was delivered before is not delivered twice. */
  deliver(topic: string, records: readonly IncomingRecord[], next: bigint): boolean {
    const state = this.#topics.get(topic);
    if (state === undefined || this.lost.aborted || this.isRevoking) return false;
    if (state.isSeeking || state.isPaused) return false;
    const { position } = state;
    if (next <= position) return true;
    state.position = next;
    // A partition whose leader has changed may be fetched from both at once.
    const fresh = records.filter(({ offset }) => offset >= position);
    if (fresh.length > 0) this.#reader?.onRecords(fresh);
    else this.#reader?.onPassed?.(topic);
    return true;
  }

  /** Waits for the reader, until `over` at most. The claim is not lost yet then. */
  revoke(over: Promise<void>): Promise<void> {
    this.#revoking ??= this.#waitForReader(over);
    return this.#revoking;
  }

  lose(): void {
    this.#losing.abort(new Error(`partition ${this.partition} is not with this member any more`));
  }

  /** The session is over: whoever reads hears of it when it is. */
  async drop(): Promise<void> {
    this.lose();
    if (!this.isRevoking) await this.#reader?.onRevoked();
  }

  async #waitForReader(over: Promise<void>): Promise<void> {
    if (this.lost.aborted) return;
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    this.lost.addEventListener('abort', () => resolve(), { once: true });
    await Promise.race([this.#reader?.onRevoked(), over, lost]);
  }

  #setPaused(topics: readonly string[], isPaused: boolean): void {
    if (this.lost.aborted) return;
    for (const topic of topics) {
      const state = this.#topics.get(topic);
      if (state !== undefined) state.isPaused = isPaused;
    }
  }
}
