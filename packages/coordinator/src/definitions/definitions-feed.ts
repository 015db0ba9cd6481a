import {
  ConfigurationError,
  type Consumer,
  type IncomingRecord,
  type Transport,
} from '@troupe/core';
import { internalTopics, type SagaGraph } from '@troupe/core/internal';
import { DefinitionJudge, type DefinitionJudgeParts } from './definition-judge.ts';

export interface DefinitionsFeedParts extends Omit<DefinitionJudgeParts, 'topics'> {
  readonly groupId: string;
  readonly transport: Transport;
  readonly sessionTimeoutMs: number;
}

const pollMs = 10;

/**
 * Reads `troupe.definitions` into the book, as candidates.
 *
 * Owns its consumer. Does not own which of them are in use (`DefinitionJudge`).
 * Invariant: when `readAll` resolves, every definition that was published before the call is known, and has been judged
 * if its topics could be looked up in time.
 */
export class DefinitionsFeed {
  readonly #parts: DefinitionsFeedParts;
  readonly #judge: DefinitionJudge;
  #partitions = 0;
  #consumer: Consumer | undefined;
  #crash: { readonly error: Error; readonly sinceMs: number } | undefined;

  constructor(parts: DefinitionsFeedParts) {
    this.#parts = parts;
    this.#judge = new DefinitionJudge({ ...parts, topics: parts.transport.topics });
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
  }

  /** The invariant. */
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
    await this.#judge.judged(signal);
  }

  /** Also past what nobody is given: markers, aborted records, gaps of compaction. */
  #position(partition: number): bigint {
    return this.#consumer?.broadcastPosition(internalTopics.definitions, partition) ?? 0n;
  }

  /** Why it reads no more, if it does not. */
  get crash(): { readonly error: Error; readonly sinceMs: number } | undefined {
    return this.#crash;
  }

  async stop(): Promise<void> {
    this.#judge.stop();
    await this.#consumer?.close();
  }

  #onRecords(records: readonly IncomingRecord[]): void {
    const candidates: SagaGraph[] = [];
    for (const record of records) {
      const graph = this.#parts.book.offer(record);
      if (graph !== undefined) candidates.push(graph);
    }
    if (candidates.length > 0) this.#judge.judge(candidates);
  }
}
