import type { IncomingRecord, Logger } from '@troupe/core';
import {
  awaitedTopics,
  internalTopics,
  type KnownSagas,
  readDefinition,
  type SagaGraph,
  type SagaRef,
  sagaRef,
} from '@troupe/core/internal';

/** A definition that is not used, and why. */
export interface RefusedDefinition {
  readonly saga: string;
  readonly reason: string;
}

/**
 * The saga definitions that were read from `troupe.definitions`.
 *
 * Owns what is known of definitions. Does not own reading them, nor judging their topics: what it read is a candidate
 * until somebody admits it.
 * Invariants:
 * 1. One name and version has one hash: the first that was published; another is refused, alone.
 * 2. What is refused harms nothing but itself.
 * 3. At most `definitionsMax` definitions.
 */
export class DefinitionBook implements KnownSagas {
  readonly #candidates = new Set<string>();
  readonly #unadmitted = new Map<SagaRef, SagaGraph>();
  readonly #admitted = new Map<string, SagaGraph>();
  readonly #refByVersion = new Map<string, SagaRef>();
  readonly #awaitedTopics = new Set<string>();
  readonly #refused = new Map<string, RefusedDefinition>();
  readonly #logger: Logger;
  readonly #definitionsMax: number;

  constructor(definitionsMax: number, logger: Logger) {
    this.#definitionsMax = definitionsMax;
    this.#logger = logger;
  }

  /** Returns the candidate that the record brought, if it is a new one. */
  offer(record: IncomingRecord): SagaGraph | undefined {
    const key = record.key === null ? '' : text(record.key);
    if (this.#candidates.has(key)) return undefined;
    const graph = readDefinition(record);
    if (graph === undefined) return undefined;
    if ('fault' in graph) return this.refuse(key, graph.fault);
    const version = `${graph.name}@${graph.version}`;
    const first = this.#refByVersion.get(version);
    if (first !== undefined) {
      return this.refuse(
        key,
        `${version} is defined already, as ${first}. A changed definition needs a new version number`,
      );
    }
    if (this.#candidates.size >= this.#definitionsMax) {
      return this.refuse(key, `there are ${this.#definitionsMax} definitions (definitionsMax)`);
    }
    this.#candidates.add(key);
    this.#unadmitted.set(sagaRef(graph), graph);
    this.#refByVersion.set(version, sagaRef(graph));
    return graph;
  }

  /** Its topics fit: its sagas are tracked from now on. */
  admit(graph: SagaGraph): void {
    const saga = sagaRef(graph);
    this.#admitted.set(saga, graph);
    this.#unadmitted.delete(saga);
    const awaited = awaitedTopics(graph);
    for (const topic of awaited) this.#awaitedTopics.add(topic);
    // A step that is skipped says so there, and resolves the joins that wait for it.
    if (awaited.size > 0) this.#awaitedTopics.add(internalTopics.outcomes);
    this.#refused.delete(saga);
    this.#logger.info('a saga definition is in use', { saga });
  }

  /** Its sagas are not tracked; who asks is told why. A candidate may be admitted later. */
  refuse(saga: string, reason: string): undefined {
    if (this.#refused.get(saga)?.reason === reason) return undefined;
    // More of them are only in the log.
    const isKept = this.#refused.has(saga) || this.#refused.size < this.#definitionsMax;
    if (isKept) this.#refused.set(saga, { saga, reason });
    this.#logger.error('a saga definition is refused', { saga, reason });
    return undefined;
  }

  get(saga: SagaRef): SagaGraph | undefined {
    return this.#admitted.get(saga);
  }

  /** Why this definition will never be in use; undefined when it may still come, or be admitted. */
  refusal(saga: SagaRef): string | undefined {
    return this.#candidates.has(saga) ? undefined : this.#refused.get(saga)?.reason;
  }

  /** Why it is not in use at present; undefined where it is, or nobody published it. */
  faultOf(saga: SagaRef): string | undefined {
    const reason = this.#refused.get(saga)?.reason;
    if (reason !== undefined || !this.#unadmitted.has(saga)) return reason;
    return 'its topics were not looked up yet';
  }

  /** A definition that begins with this event type, and is not in use yet. */
  startedLater(type: string): SagaRef | undefined {
    for (const [saga, graph] of this.#unadmitted) if (graph.startsOn.type === type) return saga;
    return undefined;
  }

  /** The newest versions of the sagas that begin with this event type: one for each name. */
  startedBy(type: string): readonly SagaGraph[] {
    const newest = new Map<string, SagaGraph>();
    for (const graph of this.#admitted.values()) {
      if (graph.startsOn.type !== type) continue;
      const before = newest.get(graph.name);
      if (before === undefined || before.version < graph.version) newest.set(graph.name, graph);
    }
    return [...newest.values()];
  }

  /** Events of this topic may make a join run. */
  isAwaited(topic: string): boolean {
    return this.#awaitedTopics.has(topic);
  }

  get admitted(): readonly SagaGraph[] {
    return [...this.#admitted.values()];
  }

  /** Candidates, to be looked at again. */
  get unadmitted(): readonly SagaGraph[] {
    return [...this.#unadmitted.values()];
  }

  get refused(): readonly RefusedDefinition[] {
    return [...this.#refused.values()];
  }
}

/** The topics that the events of a definition travel on. */
export function topicsOfGraph(graph: SagaGraph): readonly string[] {
  const topics = new Set([graph.startsOn.topic]);
  for (const { emits, rejects, compensates } of graph.steps) {
    topics.add(emits.topic);
    if (rejects !== undefined) topics.add(rejects.topic);
    if (compensates !== undefined) topics.add(compensates.topic);
  }
  return [...topics];
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
