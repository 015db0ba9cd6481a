import { type Claim, type PartitionReader, type Problem, TransportError } from '@troupe/core';
import {
  currentTracing,
  internalEvents,
  internalTopics,
  type Progress,
} from '@troupe/core/internal';
import type { Coordinator, CoordinatorHealth } from './coordinator.ts';
import { assertRecordsFit, installedPartitionCount } from './definitions/coordinator-topics.ts';
import { DefinitionsFeed } from './definitions/definitions-feed.ts';
import { grown, recordPartitionCount } from './definitions/partition-count-record.ts';
import { InputConsumer } from './input-consumer.ts';
import { Shard } from './shard/shard.ts';
import type { ShardParts } from './shard/shard-parts.ts';
import { sagaKey } from './shard/state/saga-entry.ts';
import { shardProblems } from './shard-problems.ts';

/** What it is made of; the rest of a shard's parts is known when it has started. */
export type CoordinatorParts = Omit<
  ShardParts,
  'definitionsRead' | 'inputs' | 'partitionCount' | 'tracing'
>;

/** Reads what nobody may fold. */
const nobody: PartitionReader = {
  onRecords: () => undefined,
  onRevoked: async () => undefined,
};

/**
 * Owns the shards of this process, the definitions that they know, and starting and stopping all of it. Does not own what is
 * read (`InputConsumer`), nor the transport: who made it closes it.
 */
export class RunningCoordinator implements Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #inputs: InputConsumer;
  readonly #shards = new Map<number, Shard>();
  readonly #stopping = new AbortController();
  #feed: DefinitionsFeed | undefined;
  #partitionCount = 0;
  #starting: Promise<void> | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
    this.#inputs = new InputConsumer({ ...parts, onAssigned: (claim) => this.#assigned(claim) });
  }

  async start(): Promise<void> {
    this.#starting ??= this.#start();
    this.#started ??= this.#starting.catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    await this.#started;
    this.#stopping.signal.throwIfAborted();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(): Promise<void> {
    const { transport, serde, groupId, book, clock, logger, limits, random } = this.#parts;
    const { signal } = this.#stopping;
    await transport.check(signal);
    this.#partitionCount = await installedPartitionCount(groupId, transport.topics);
    await assertRecordsFit(groupId, transport.topics, limits.messageBytesMax);
    await recordPartitionCount(transport, random, this.#partitionCount);
    await serde.prepare(internalEvents, signal);
    signal.throwIfAborted();
    this.#feed = new DefinitionsFeed({
      groupId,
      transport,
      book,
      clock,
      logger,
      sessionTimeoutMs: limits.sessionTimeoutMs,
      partitionCount: this.#partitionCount,
      onAdmitted: () => this.#onAdmitted(),
    });
    await this.#feed.start(signal);
    signal.throwIfAborted();
    await this.#inputs.start();
    // Definitions that were admitted while it joined.
    this.#onAdmitted();
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(
      new TransportError(
        'stopped',
        'the coordinator was stopped, and is not started again: make another one with createCoordinator()',
      ),
    );
    // Starting may still be opening things: they are closed below. Its error belongs to the caller of start().
    await this.#starting?.catch(() => undefined);
    await this.#inputs.stop();
    await this.#feed?.stop();
    this.#shards.clear();
  }

  #onAdmitted(): void {
    for (const shard of this.#shards.values()) shard.onDefinitions();
    this.#inputs.onDefinitions();
  }

  #assigned(claim: Claim): PartitionReader {
    const { partition } = claim;
    if (partition >= this.#partitionCount) {
      this.#inputs.end(grown(this.#partitionCount, partition + 1));
      return nobody;
    }
    const shard = new Shard(claim, this.#shardParts());
    this.#shards.set(claim.partition, shard);
    claim.lost.addEventListener('abort', () => this.#forget(shard), { once: true });
    return shard;
  }

  #forget(shard: Shard): void {
    if (this.#shards.get(shard.partition) === shard) this.#shards.delete(shard.partition);
  }

  #shardParts(): ShardParts {
    return {
      ...this.#parts,
      definitionsRead: async (signal) => this.#feed?.readAll(signal),
      inputs: this.#inputs.topics,
      partitionCount: this.#partitionCount,
      tracing: currentTracing(),
    };
  }

  health(): CoordinatorHealth {
    const held = [...this.#shards.values()];
    const live = this.#inputs.crash === undefined && this.#feed?.crash === undefined;
    const joined = this.#inputs.healthy && !this.#stopping.signal.aborted;
    const { limits, book } = this.#parts;
    return {
      live,
      ready: joined && live && held.every(({ phase }) => phase === 'live'),
      problems: [...shardProblems(held, limits.definitionWaitMs, book), ...this.#crashes()],
      shards: held.map(({ partition, phase, store, misplaced }) => {
        return { partition, phase, sagas: store.size, stuck: store.stuckCount, misplaced };
      }),
      refusedDefinitions: book.refused,
    };
  }

  #crashes(): Problem[] {
    const crashes = [
      { subject: internalTopics.definitions, crash: this.#feed?.crash },
      { subject: this.#parts.groupId, crash: this.#inputs.crash },
    ];
    return crashes.flatMap(({ subject, crash }) => {
      if (crash === undefined) return [];
      const { error, sinceMs } = crash;
      return [{ code: 'crashed', subject, message: error.message, sinceMs }];
    });
  }

  saga(name: string, sagaId: string): Progress | undefined {
    for (const { store } of this.#shards.values()) {
      const entry = store.get(sagaKey(name, sagaId));
      if (entry !== undefined) return entry.progress;
    }
    return undefined;
  }
}
