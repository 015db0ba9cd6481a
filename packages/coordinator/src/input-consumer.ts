import type { Claim, Consumer, PartitionReader } from '@troupe/core';
import { internalTopics } from '@troupe/core/internal';
import { topicsOfGraph } from './definitions/definition-book.ts';
import type { ShardParts } from './shard/shard-parts.ts';

export interface InputConsumerParts
  extends Pick<ShardParts, 'groupId' | 'transport' | 'book' | 'clock' | 'logger' | 'limits'> {
  /** Called with each partition number that is assigned. */
  readonly onAssigned: (claim: Claim) => PartitionReader;
}

/**
 * Owns the one consumer of the inputs, and which topics it reads: `troupe.state`, `troupe.outcomes` and those of all
 * definitions in use. Does not own shards, nor definitions.
 */
export class InputConsumer {
  readonly #parts: InputConsumerParts;
  readonly #stopped = new AbortController();
  #consumer: Consumer | undefined;
  #topics: readonly string[] = [];
  #changing: Promise<void> = Promise.resolve();
  #crash: { readonly error: Error; readonly sinceMs: number } | undefined;

  constructor(parts: InputConsumerParts) {
    this.#parts = parts;
  }

  /** In its group, with all its topics. */
  get healthy(): boolean {
    return this.#consumer?.healthy === true;
  }

  /** Why it reads no more, if it does not. */
  get crash(): { readonly error: Error; readonly sinceMs: number } | undefined {
    return this.#crash;
  }

  /** What is folded: all that it reads but `troupe.state`. */
  get topics(): readonly string[] {
    return this.#topics.filter((topic) => topic !== internalTopics.state);
  }

  /** Resolves when the group was joined. */
  async start(): Promise<void> {
    this.#topics = this.#wantedTopics();
    this.#consumer = await this.#subscribe(this.#topics);
    if (this.#crash !== undefined) throw this.#crash.error;
  }

  /** Reads no more from now on, as when it had crashed. */
  end(error: Error): void {
    if (this.#crash !== undefined) return;
    this.#onCrash(error);
    const { logger } = this.#parts;
    this.stop().catch((cause: unknown) => logger.warn('a consumer was not closed', { cause }));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#changing;
    await this.#consumer?.close();
  }

  /** There are new definitions: their topics are read from now on, as soon as that can be done. */
  onDefinitions(): void {
    this.#changing = this.#changing.then(() => this.#changeTopics());
  }

  #wantedTopics(): readonly string[] {
    const domain = this.#parts.book.admitted.flatMap(topicsOfGraph);
    return [...new Set([internalTopics.state, internalTopics.outcomes, ...domain])].sort();
  }

  #subscribe(topics: readonly string[]): Promise<Consumer> {
    const { transport, groupId, limits, onAssigned } = this.#parts;
    return transport.subscribe({
      groupId,
      topics,
      broadcast: [],
      isolation: 'read-committed',
      sessionTimeoutMs: limits.sessionTimeoutMs,
      gatherMs: (topic) => this.#gatherMs(topic),
      onAssigned,
      onBroadcast: () => undefined,
      onCrash: (error) => this.#onCrash(error),
    });
  }

  #onCrash(error: Error): void {
    const { clock, logger } = this.#parts;
    this.#crash = { error, sinceMs: clock.nowMs() };
    logger.error('the coordinator cannot read its inputs', { error });
  }

  #gatherMs(topic: string): number {
    if (topic === internalTopics.state) return 0;
    const { book, limits } = this.#parts;
    const { gatherMs, gatherUnawaitedMs } = limits;
    return book.isAwaited(topic) ? gatherMs : Math.max(gatherMs, gatherUnawaitedMs);
  }

  /** Tries until it is done: sagas whose topics are not read stand still. */
  async #changeTopics(): Promise<void> {
    const { clock, logger, limits } = this.#parts;
    const { signal } = this.#stopped;
    let delayMs = limits.takeOverDelayMs;
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
        logger.error('the topics of a new definition cannot be read', { error });
        await clock.sleep(delayMs, signal).catch(() => undefined);
        delayMs = Math.min(delayMs * 2, limits.takeOverDelayMsMax);
      }
    }
  }

  /** A consumer that could not join again has ended: another one takes its place. */
  async #read(topics: readonly string[], consumer: Consumer): Promise<void> {
    if (consumer.healthy) return consumer.changeTopics(topics);
    await consumer.close();
    this.#consumer = await this.#subscribe(topics);
  }
}
