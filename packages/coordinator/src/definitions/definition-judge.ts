import {
  type CancelTimer,
  type Clock,
  type Logger,
  type TopicAdmin,
  TroupeError,
} from '@troupe/core';
import { internalTopics, type SagaGraph, type SagaRef, sagaRef } from '@troupe/core/internal';
import { type DefinitionBook, topicsOfGraph } from './definition-book.ts';

export interface DefinitionJudgeParts {
  readonly topics: Pick<TopicAdmin, 'partitionCounts'>;
  readonly book: DefinitionBook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The installation's partition count: that of the internal topics. */
  readonly partitionCount: number;
  /** Definitions were admitted: their topics have to be read from now on. */
  readonly onAdmitted: () => void;
}

/** Definitions that are not in use are looked at again this often: somebody may have made their topics, or allowed them. */
const recheckMs = 5_000;
/** Sooner at first where the broker may answer the next time. */
const retryMs = 100;
/** After so long without an answer it is said in the health. */
const toldAfterMs = 5_000;
/**
 * So long others wait for the answer about one definition, from when it was read: longer than a broker takes to start. Then
 * its events wait by themselves (ADR 10), for which there is less room.
 */
const awaitedMs = 60_000;

interface Awaited {
  readonly answered: PromiseWithResolvers<void>;
  /** By the monotonic clock. */
  readonly sinceMs: number;
}

/** One question for each topic of a round. */
type LookUp = (topic: string) => Promise<number | undefined>;

/**
 * Admits the definitions whose topics fit this installation to the book, and refuses the others.
 *
 * Owns the looking up of topics: one round after the other, also of those that were refused before.
 * Invariant: a definition whose topics cannot be looked up keeps no other one from being judged, and nobody who waits for
 * all of them longer than `awaitedMs` (I9).
 */
export class DefinitionJudge {
  readonly #parts: DefinitionJudgeParts;
  /** Neither admitted nor refused for what is known of its topics: the broker may answer the next time. */
  readonly #unanswered = new Map<SagaRef, Awaited>();
  readonly #stopped = new AbortController();
  #rounds: Promise<void> = Promise.resolve();
  #delayMs = retryMs;
  #cancelRecheck: CancelTimer = () => undefined;

  constructor(parts: DefinitionJudgeParts) {
    this.#parts = parts;
  }

  judge(candidates: readonly SagaGraph[]): void {
    const sinceMs = this.#parts.clock.monotonicMs();
    for (const graph of candidates) {
      this.#unanswered.set(sagaRef(graph), { answered: Promise.withResolvers(), sinceMs });
    }
    this.#delayMs = retryMs;
    this.#begin(() => candidates);
  }

  /** Resolves when all were admitted or refused, or have been waited for long enough. */
  async judged(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    signal.throwIfAborted();
    for (const { answered, sinceMs } of [...this.#unanswered.values()]) {
      const leftMs = sinceMs + awaitedMs - clock.monotonicMs();
      if (leftMs <= 0) continue;
      const { promise: enough, resolve, reject } = Promise.withResolvers<void>();
      const cancel = clock.after(leftMs, resolve);
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      await Promise.race([answered.promise, enough]).finally(() => {
        cancel();
        signal.removeEventListener('abort', stop);
      });
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#cancelRecheck();
  }

  #begin(candidates: () => readonly SagaGraph[]): void {
    this.#rounds = this.#rounds.then(() => this.#round(candidates()));
  }

  async #round(candidates: readonly SagaGraph[]): Promise<void> {
    const { book, logger, onAdmitted } = this.#parts;
    const lookUp = this.#lookUps();
    let admitted = 0;
    try {
      for (const graph of candidates) {
        if (this.#stopped.signal.aborted) return;
        if (book.get(sagaRef(graph)) === undefined && (await this.#fits(graph, lookUp))) {
          admitted += 1;
        }
      }
      if (admitted > 0) onAdmitted();
    } catch (error) {
      logger.error('judging saga definitions failed', { error });
    }
    this.#recheckLater();
  }

  #lookUps(): LookUp {
    const { topics } = this.#parts;
    const asked = new Map<string, ReturnType<LookUp>>();
    return (topic) => {
      const answer =
        asked.get(topic) ?? topics.partitionCounts([topic]).then((counts) => counts.get(topic));
      asked.set(topic, answer);
      return answer;
    };
  }

  /** Admits it if so; otherwise it is refused, or has no answer yet. */
  async #fits(graph: SagaGraph, lookUp: LookUp): Promise<boolean> {
    const { book, partitionCount } = this.#parts;
    const saga = sagaRef(graph);
    const counts = new Map<string, number>();
    for (const topic of topicsOfGraph(graph)) {
      try {
        const count = await lookUp(topic);
        if (count !== undefined) counts.set(topic, count);
      } catch (error) {
        // A transport that was closed says nothing of a topic.
        if (!this.#stopped.signal.aborted) this.#onNoAnswer(saga, topic, error);
        return false;
      }
    }
    const reason = misfit(graph, counts, partitionCount);
    if (reason === undefined) book.admit(graph);
    else book.refuse(saga, reason);
    this.#answered(saga);
    return reason === undefined;
  }

  #onNoAnswer(saga: SagaRef, topic: string, error: unknown): void {
    const { book, clock, logger } = this.#parts;
    const isFinal = error instanceof TroupeError && !error.retryable;
    const sinceMs = this.#unanswered.get(saga)?.sinceMs ?? Number.NEGATIVE_INFINITY;
    if (!isFinal && clock.monotonicMs() < sinceMs + toldAfterMs) {
      logger.warn('a topic of a saga definition cannot be looked up now', { saga, topic, error });
      return;
    }
    const why = error instanceof Error ? error.message : String(error);
    book.refuse(
      saga,
      `its topic ${topic} cannot be looked up: ${why}. May the coordinator read it, and has each of its ` +
        'partitions a leader?',
    );
    if (isFinal) this.#answered(saga);
  }

  #answered(saga: SagaRef): void {
    this.#unanswered.get(saga)?.answered.resolve();
    this.#unanswered.delete(saga);
  }

  #recheckLater(): void {
    const { book, clock } = this.#parts;
    this.#cancelRecheck();
    if (this.#stopped.signal.aborted || book.unadmitted.length === 0) return;
    const delayMs = this.#unanswered.size > 0 ? this.#delayMs : recheckMs;
    this.#delayMs = Math.min(this.#delayMs * 2, recheckMs);
    this.#cancelRecheck = clock.after(delayMs, () => this.#begin(() => book.unadmitted));
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
