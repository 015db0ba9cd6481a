import {
  type CancelTimer,
  type Clock,
  ConfigurationError,
  type Consumer,
  type IncomingRecord,
  type Logger,
  type Transport,
} from '@troupe/core';
import { internalTopics, type SagaGraph, sagaRef } from '@troupe/core/internal';
import { type DefinitionBook, topicsOfGraph } from './definition-book.ts';

export interface DefinitionsFeedParts {
  readonly groupId: string;
  readonly transport: Transport;
  readonly book: DefinitionBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessionTimeoutMs: number;
  /** The installation's partition count: that of the internal topics. */
  readonly partitionCount: number;
  /** Definitions were admitted: their topics have to be read from now on. */
  readonly onAdmitted: () => void;
}

/** Definitions whose topics did not fit are looked at again this often: somebody may have made the topics. */
const recheckMs = 5_000;
const pollMs = 10;
const judgeDelayMs = 100;

/**
 * Reads `troupe.definitions` into the book and admits what fits this installation.
 *
 * Owns its consumer, and the judging of what it brought. Invariant: when `readAll` resolves, every definition that was
 * published before the call has been judged.
 */
export class DefinitionsFeed {
  readonly #parts: DefinitionsFeedParts;
  #partitions = 0;
  #consumer: Consumer | undefined;
  #judging: Promise<void> = Promise.resolve();
  #crash: { readonly error: Error; readonly sinceMs: number } | undefined;
  readonly #stopped = new AbortController();
  #cancelRecheck: CancelTimer = () => undefined;

  constructor(parts: DefinitionsFeedParts) {
    this.#parts = parts;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { transport, groupId, sessionTimeoutMs, clock } = this.#parts;
    const counts = await transport.topics.partitionCounts([internalTopics.definitions]);
    this.#partitions = counts.get(internalTopics.definitions) ?? 0;
    this.#consumer = await transport.subscribe({
      groupId: `${groupId}.definitions`,
      topics: [],
      broadcast: [internalTopics.definitions],
      isolation: 'read-committed',
      sessionTimeoutMs,
      onAssigned: () => {
        throw new ConfigurationError(`${groupId}.definitions reads no topic by partition`);
      },
      onBroadcast: (records) => this.#onRecords(records),
      onCrash: (error) => {
        this.#crash = { error, sinceMs: clock.nowMs() };
      },
    });
    await this.readAll(signal);
    this.#recheckLater();
  }

  /** Resolves when every definition that is published by now has been judged. */
  async readAll(signal: AbortSignal): Promise<void> {
    const { transport, clock } = this.#parts;
    for (let partition = 0; partition < this.#partitions; partition += 1) {
      const topic = internalTopics.definitions;
      const ends = await transport.topics.endOffsets([topic], partition, 'read-committed');
      const end = ends.get(topic) ?? 0n;
      while (this.#position(partition) < end) {
        if (this.#crash !== undefined) throw this.#crash.error;
        await clock.sleep(pollMs, signal);
      }
    }
    await this.#judged(signal);
  }

  /** Also past what nobody is given: markers, aborted records, gaps of compaction. */
  #position(partition: number): bigint {
    return this.#consumer?.broadcastPosition(internalTopics.definitions, partition) ?? 0n;
  }

  async #judged(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    await Promise.race([this.#judging, promise]).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  }

  /** Why it reads no more, if it does not. */
  get crash(): { readonly error: Error; readonly sinceMs: number } | undefined {
    return this.#crash;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#cancelRecheck();
    await this.#consumer?.close();
  }

  #onRecords(records: readonly IncomingRecord[]): void {
    const candidates: SagaGraph[] = [];
    for (const record of records) {
      const graph = this.#parts.book.offer(record);
      if (graph !== undefined) candidates.push(graph);
    }
    if (candidates.length > 0) {
      this.#judging = this.#judging.then(() => this.#judgeAtLast(candidates));
    }
  }

  /** Until it is judged nobody may take it for unknown: its events would become dead letters. */
  async #judgeAtLast(candidates: readonly SagaGraph[]): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopped;
    let delayMs = judgeDelayMs;
    while (!signal.aborted && !(await this.#judge(candidates))) {
      await clock.sleep(delayMs, signal).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, recheckMs);
    }
  }

  /** False: the topics cannot be looked up now. */
  async #judge(candidates: readonly SagaGraph[]): Promise<boolean> {
    const { transport, book, logger, partitionCount } = this.#parts;
    try {
      const topics = [...new Set(candidates.flatMap(topicsOfGraph))];
      const counts = await transport.topics.partitionCounts(topics);
      let admitted = 0;
      for (const graph of candidates) {
        const reason = misfit(graph, counts, partitionCount);
        if (reason === undefined) {
          book.admit(graph);
          admitted += 1;
        } else {
          book.refuse(sagaRef(graph), reason);
        }
      }
      if (admitted > 0) this.#parts.onAdmitted();
      return true;
    } catch (error) {
      logger.warn('the topics of saga definitions cannot be looked up now', { error });
      return false;
    }
  }

  #recheckLater(): void {
    if (this.#stopped.signal.aborted) return;
    this.#cancelRecheck = this.#parts.clock.after(recheckMs, () => {
      const { unadmitted } = this.#parts.book;
      if (unadmitted.length > 0) {
        this.#judging = this.#judging.then(async () => void (await this.#judge(unadmitted)));
      }
      void this.#judging.then(() => this.#recheckLater());
    });
  }
}

function misfit(
  graph: SagaGraph,
  counts: ReadonlyMap<string, number>,
  partitionCount: number,
): string | undefined {
  const topics = topicsOfGraph(graph);
  const missing = topics.filter((topic) => !counts.has(topic));
  if (missing.length > 0) {
    return `topics are missing: ${missing.join(', ')}. Make them with ${partitionCount} partitions`;
  }
  const other = topics.filter((topic) => counts.get(topic) !== partitionCount);
  if (other.length === 0) return undefined;
  const list = other.map((topic) => `${topic} has ${counts.get(topic)}`).join(', ');
  return `all topics must have ${partitionCount} partitions, as ${internalTopics.state} has, but ${list}`;
}
