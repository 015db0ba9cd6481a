import {
  type Clock,
  type Consumer,
  type HealthReport,
  type Logger,
  type Problem,
  type Random,
  type Serde,
  silentLogger,
  systemClock,
  systemRandom,
  type Transport,
  TransportError,
} from '@troupe/core';
import {
  currentTracing,
  internalEvents,
  internalTopics,
  type Progress,
} from '@troupe/core/internal';
import {
  type CoordinatorLimits,
  coordinatorLimits,
  type GivenCoordinatorLimits,
} from './coordinator-limits.ts';
import { installedPartitionCount } from './definitions/coordinator-topics.ts';
import {
  DefinitionBook,
  type RefusedDefinition,
  topicsOfGraph,
} from './definitions/definition-book.ts';
import { DefinitionsFeed } from './definitions/definitions-feed.ts';
import { type CheckpointHook, type WaitFor, waitsWith } from './shard/checkpoints.ts';
import { Shard, type ShardPhase } from './shard/shard.ts';
import type { ShardParts } from './shard/shard-parts.ts';
import { sagaKey } from './shard/state/saga-entry.ts';
import { shardProblems } from './shard-problems.ts';

export interface CoordinatorOptions {
  readonly transport: Transport;
  readonly serde: Serde;
  /** Coordinators of one group share the partitions. Default: `troupe-coordinator`. */
  readonly groupId?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: GivenCoordinatorLimits | undefined;
  /** For tests that stop the process at each point: see `checkpoints`. */
  readonly checkpoint?: CheckpointHook | undefined;
}

export interface Coordinator {
  /**
   * Resolves when it is in the group and has read all definitions. Rejects with a `ConfigurationError` that names
   * missing topics, or with a `TransportError` that names the broker. Idempotent.
   */
  start(): Promise<void>;
  /** Commits what is folded and leaves the group. Idempotent. */
  stop(): Promise<void>;
  health(): CoordinatorHealth;
  /** A saga of a partition that this coordinator holds. */
  saga(name: string, sagaId: string): Progress | undefined;
}

export interface CoordinatorHealth extends HealthReport {
  /** The partitions held. `ready` is true when each of them is `live`. */
  readonly shards: readonly {
    readonly partition: number;
    readonly phase: ShardPhase;
    readonly sagas: number;
    /** Of these, how many wait for a person: the log and `troupe.sagas` say which, and why. */
    readonly stuck: number;
    /** Events of other partitions that a foreign partitioner put here, since the partition was assigned: all forwarded. */
    readonly misplaced: number;
  }[];
  readonly refusedDefinitions: readonly RefusedDefinition[];
}

/**
 * A coordinator: tracks every saga of the partitions that it holds, asks for joins and compensations, watches the
 * time limits. Runs no user code; learns definitions from `troupe.definitions`.
 */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  return new GroupCoordinator(options);
}

const inputTopics = [internalTopics.outcomes] as const;

/**
 * Owns the consumers and the shards of this process. Does not own the transport: who made it closes it.
 */
class GroupCoordinator implements Coordinator {
  readonly #groupId: string;
  readonly #transport: Transport;
  readonly #serde: Serde;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #limits: CoordinatorLimits;
  readonly #waitFor: WaitFor;
  readonly #book: DefinitionBook;
  readonly #shards = new Map<number, Shard>();
  readonly #stopping = new AbortController();
  #feed: DefinitionsFeed | undefined;
  #consumer: Consumer | undefined;
  #partitionCount = 0;
  #topics: readonly string[] = [];
  #changing: Promise<void> = Promise.resolve();
  #starting: Promise<void> | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #crash: { readonly message: string; readonly sinceMs: number } | undefined;

  constructor(options: CoordinatorOptions) {
    this.#groupId = options.groupId ?? 'troupe-coordinator';
    this.#transport = options.transport;
    this.#serde = options.serde;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#logger = options.logger ?? silentLogger;
    this.#limits = coordinatorLimits(options.limits);
    this.#waitFor = waitsWith(options.checkpoint);
    this.#book = new DefinitionBook(this.#limits.definitionsMax, this.#logger);
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    this.#started ??= this.#starting.catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    return this.#started;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(): Promise<void> {
    const signal = this.#stopping.signal;
    await this.#transport.check(signal);
    const { topics } = this.#transport;
    this.#partitionCount = await installedPartitionCount(this.#groupId, topics);
    await this.#serde.prepare(internalEvents, signal);
    signal.throwIfAborted();
    this.#feed = new DefinitionsFeed({
      groupId: this.#groupId,
      transport: this.#transport,
      book: this.#book,
      clock: this.#clock,
      logger: this.#logger,
      sessionTimeoutMs: this.#limits.sessionTimeoutMs,
      partitionCount: this.#partitionCount,
      onAdmitted: () => this.#onAdmitted(),
    });
    await this.#feed.start(signal);
    signal.throwIfAborted();
    this.#topics = this.#wantedTopics();
    this.#consumer = await this.#subscribe(this.#topics);
    // Definitions that were admitted while it joined.
    this.#onAdmitted();
  }

  #gatherMs(topic: string): number {
    if (topic === internalTopics.state) return 0;
    const { gatherMs, gatherUnawaitedMs } = this.#limits;
    return this.#book.isAwaited(topic) ? gatherMs : Math.max(gatherMs, gatherUnawaitedMs);
  }

  #subscribe(topics: readonly string[]): Promise<Consumer> {
    return this.#transport.subscribe({
      groupId: this.#groupId,
      topics,
      broadcast: [],
      isolation: 'read-committed',
      sessionTimeoutMs: this.#limits.sessionTimeoutMs,
      gatherMs: (topic) => this.#gatherMs(topic),
      onAssigned: (claim) => {
        const shard = new Shard(claim, this.#shardParts());
        this.#shards.set(claim.partition, shard);
        claim.lost.addEventListener('abort', () => this.#forget(shard), { once: true });
        return shard;
      },
      onBroadcast: () => undefined,
      onCrash: (error) => {
        this.#crash = { message: error.message, sinceMs: this.#clock.nowMs() };
        this.#logger.error('the coordinator cannot read its inputs', { error });
      },
    });
  }

  #forget(shard: Shard): void {
    if (this.#shards.get(shard.partition) === shard) this.#shards.delete(shard.partition);
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new TransportError('stopped', 'the coordinator was stopped'));
    // What starting has opened by its end is closed with the rest; why it failed is told to who started.
    await this.#starting?.catch(() => undefined);
    await this.#changing;
    await this.#consumer?.close();
    await this.#feed?.stop();
    this.#shards.clear();
  }

  #shardParts(): ShardParts {
    return {
      groupId: this.#groupId,
      transport: this.#transport,
      serde: this.#serde,
      book: this.#book,
      definitionsRead: async (signal) => this.#feed?.readAll(signal),
      inputs: this.#topics.filter((topic) => topic !== internalTopics.state),
      partitionCount: this.#partitionCount,
      tracing: currentTracing(),
      clock: this.#clock,
      random: this.#random,
      waitFor: this.#waitFor,
      logger: this.#logger,
      limits: this.#limits,
    };
  }

  #wantedTopics(): readonly string[] {
    const domain = this.#book.admitted.flatMap(topicsOfGraph);
    return [...new Set([internalTopics.state, ...inputTopics, ...domain])].sort();
  }

  #onAdmitted(): void {
    for (const shard of this.#shards.values()) shard.onDefinitions();
    this.#changing = this.#changing.then(() => this.#changeTopics());
  }

  /** Tries until it is done: sagas whose topics are not read stand still. */
  async #changeTopics(): Promise<void> {
    const { signal } = this.#stopping;
    let delayMs = this.#limits.takeOverDelayMs;
    while (this.#consumer !== undefined && !signal.aborted) {
      const wanted = this.#wantedTopics();
      if (wanted.join() === this.#topics.join()) return;
      const before = this.#topics;
      // Whoever is assigned from now on reads these.
      this.#topics = wanted;
      try {
        await this.#read(wanted, this.#consumer);
        return;
      } catch (error) {
        this.#topics = before;
        this.#logger.error('the topics of a new definition cannot be read', { error });
        await this.#clock.sleep(delayMs, signal).catch(() => undefined);
        delayMs = Math.min(delayMs * 2, this.#limits.takeOverDelayMsMax);
      }
    }
  }

  /** A consumer that could not join again has ended: another one takes its place. */
  async #read(topics: readonly string[], consumer: Consumer): Promise<void> {
    if (consumer.healthy) return consumer.changeTopics(topics);
    await consumer.close();
    this.#consumer = await this.#subscribe(topics);
  }

  health(): CoordinatorHealth {
    const held = [...this.#shards.values()];
    const stopped = this.#stopping.signal.aborted;
    const joined = this.#consumer?.healthy === true && !stopped;
    return {
      live: this.#crash === undefined && this.#feed?.crash === undefined,
      ready: joined && this.#crash === undefined && held.every(({ phase }) => phase === 'live'),
      problems: this.#problems(held),
      shards: held.map(({ partition, phase, store, misplaced }) => {
        return { partition, phase, sagas: store.size, stuck: store.stuckCount, misplaced };
      }),
      refusedDefinitions: this.#book.refused,
    };
  }

  #problems(held: readonly Shard[]): Problem[] {
    const problems = shardProblems(held, this.#limits.definitionWaitMs, this.#clock.nowMs());
    if (this.#feed?.crash !== undefined) {
      const { message } = this.#feed.crash;
      const subject = internalTopics.definitions;
      problems.push({ code: 'crashed', subject, message, sinceMs: this.#clock.nowMs() });
    }
    if (this.#crash !== undefined) {
      const { message, sinceMs } = this.#crash;
      problems.push({ code: 'crashed', subject: this.#groupId, message, sinceMs });
    }
    return problems;
  }

  saga(name: string, sagaId: string): Progress | undefined {
    for (const { store } of this.#shards.values()) {
      const entry = store.get(sagaKey(name, sagaId));
      if (entry !== undefined) return entry.progress;
    }
    return undefined;
  }
}
