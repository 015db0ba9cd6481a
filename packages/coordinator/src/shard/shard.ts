import {
  type Claim,
  type IncomingRecord,
  type PartitionReader,
  TransportError,
  TroupeError,
} from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import type { ShardParts } from './shard-parts.ts';
import { ShardRun } from './shard-run.ts';
import type { ShardProblem } from './standstill.ts';
import { SagaStore } from './state/saga-store.ts';
import { inputOffsets, TakeOver } from './take-over.ts';
import { BrokerTime } from './time/broker-time.ts';
import { TopicTimes } from './time/topic-times.ts';
import { wholeDefinitions } from './whole-definitions.ts';

export type ShardPhase = 'taking-over' | 'live' | 'failed' | 'closed';

/**
 * One partition number of all input topics, and the sagas whose ids hash to it.
 *
 * Owns the sequence of runs, each from a take-over to a failure, with a transactional producer and a `SagaStore` of its
 * own; and the phase. Does not own what happens within a run (`ShardRun`), the rules (core's `decide`), the group membership
 * (`Claim`).
 * Invariant: after a failed or indefinite commit nothing in memory is trusted. Everything is rebuilt from `troupe.state`
 * under a new producer, which fences the old one (I5).
 */
export class Shard implements PartitionReader {
  readonly partition: number;
  readonly #parts: ShardParts;
  readonly #claim: Claim;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  readonly #times: TopicTimes;
  #phase: ShardPhase = 'taking-over';
  #takeOver: TakeOver | undefined;
  #store: SagaStore;
  #problem: ShardProblem | undefined;
  #misplaced = 0;
  #liveSinceMs = 0;
  #run: ShardRun | undefined;

  constructor(claim: Claim, parts: ShardParts) {
    this.partition = claim.partition;
    this.#claim = claim;
    this.#parts = parts;
    this.#store = this.#newStore();
    this.#times = new TopicTimes(() => parts.clock.nowMs());
    claim.pause([internalTopics.state, ...parts.inputs]);
    claim.lost.addEventListener('abort', () => this.#stop.abort(claim.lost.reason), { once: true });
    this.#ended = this.#live();
  }

  get phase(): ShardPhase {
    return this.#phase;
  }

  /** Why it does not fold, or lets no time pass, at the moment. */
  get problem(): ShardProblem | undefined {
    return this.#problem ?? this.#run?.problem;
  }

  /** When its state was restored last: since then it is known which definitions are missing. */
  get liveSinceMs(): number {
    return this.#liveSinceMs;
  }

  /** Events that were on this partition and belong to another one, since it was assigned: those that are committed. */
  get misplaced(): number {
    return this.#misplaced;
  }

  /** Inputs whose records are by their producers' clocks, and since when. */
  get topicsByProducers(): ReadonlyMap<string, number> {
    return this.#times.byProducers;
  }

  get store(): SagaStore {
    return this.#store;
  }

  /** There are new definitions. */
  onDefinitions(): void {
    this.#run?.onDefinitions();
  }

  onRecords(records: readonly IncomingRecord[]): void {
    for (const record of records) {
      if (record.topic === internalTopics.state) {
        this.#takeOver?.onRecord(record);
        this.#run?.onStateRecord(record);
      } else {
        if (this.#times.observe(record)) this.#warnOfTime(record.topic);
        this.#run?.push(record);
      }
    }
    for (const topic of new Set(records.map(({ topic }) => topic))) this.onPassed(topic);
  }

  onPassed(topic: string): void {
    if (topic !== internalTopics.state) this.#run?.passed(topic);
  }

  async onRevoked(): Promise<void> {
    await this.#run?.drain();
    this.#stop.abort(new TransportError('stopped', 'the partition was revoked'));
    await this.#parts.waitFor('end', () => this.#ended);
  }

  #warnOfTime(topic: string): void {
    const place = { topic, partition: this.partition };
    this.#parts.logger.warn("a topic has its producers' clocks: time limits may be wrong", place);
  }

  #newStore(): SagaStore {
    const { book, inputs, limits } = this.#parts;
    return new SagaStore(wholeDefinitions(book, inputs), limits.saga, limits.liveSagasMax);
  }

  /** Takes over, folds until something fails, and takes over again: the invariant. */
  async #live(): Promise<void> {
    const { limits, clock, logger, waitFor } = this.#parts;
    const signal = this.#stop.signal;
    let delayMs = limits.takeOverDelayMs;
    while (!signal.aborted) {
      try {
        // Only a commit shows that it can go on; being live does not.
        await this.#liveOnce(signal, () => {
          delayMs = limits.takeOverDelayMs;
        });
      } catch (error) {
        if (signal.aborted) break;
        this.#phase = 'failed';
        const { code, message } = asTroupeError(error);
        this.#problem = { message, sinceMs: this.#problem?.sinceMs ?? clock.nowMs() };
        logger.error('a shard failed and is rebuilt', { partition: this.partition, error });
        if (code === 'offset-out-of-range') break;
        // Fenced means that somebody else took over: the rightful one is whoever still holds the claim later.
        const fenced = code === 'producer-fenced';
        const waitMs = fenced ? limits.sessionTimeoutMs : delayMs;
        await waitFor('rebuild', () => clock.sleep(waitMs, signal).catch(stopped));
        delayMs = Math.min(delayMs * 2, limits.takeOverDelayMsMax);
      }
    }
    if (this.#phase !== 'failed') this.#phase = 'closed';
  }

  async #liveOnce(signal: AbortSignal, onCommitted: () => void): Promise<void> {
    const { transport, groupId, clock, definitionsRead, inputs, waitFor } = this.#parts;
    this.#phase = 'taking-over';
    await waitFor('definitions', () => definitionsRead(signal));
    const transactionalId = `${groupId}.${this.partition}`;
    const producer = await waitFor('producer', () =>
      transport.openTransactionalProducer(transactionalId),
    );
    try {
      signal.throwIfAborted();
      const time = new BrokerTime(clock);
      this.#store = this.#newStore();
      this.#takeOver = new TakeOver(this.#claim, this.#store, time, this.#parts);
      const restored = await this.#takeOver.run(producer, transport.topics, signal);
      this.#takeOver = undefined;
      const offsets = await inputOffsets(this.partition, restored, this.#parts);
      signal.throwIfAborted();
      const claim = this.#claim;
      this.#run = new ShardRun({
        claim,
        parts: this.#parts,
        producer,
        store: this.#store,
        offsets,
        time,
        onCommitted,
        onMisplaced: () => {
          this.#misplaced += 1;
        },
      });
      for (const topic of inputs) claim.seek(topic, offsets.get(topic) ?? 0n);
      this.#claim.resume(inputs);
      this.#phase = 'live';
      this.#liveSinceMs = this.#parts.clock.nowMs();
      this.#problem = undefined;
      await this.#run.failed(signal);
    } finally {
      this.#takeOver = undefined;
      this.#run?.stop();
      this.#run = undefined;
      this.#claim.pause(inputs);
      await waitFor('closing', () => producer.close());
    }
  }
}

function asTroupeError(error: unknown): TroupeError {
  if (error instanceof TroupeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TransportError('transport-failed', `a shard failed: ${message}`, { cause: error });
}

/** Sleeping ends early when the shard stops; its loop sees that by itself. */
function stopped(): void {
  // Nothing to do: the signal is looked at next.
}
