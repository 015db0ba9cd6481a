import type { Clock } from '../../ports/clock.ts';
import type { IncomingRecord } from '../../ports/transport.ts';
import { type SagaGraph, type SagaRef, sagaRef } from '../../sagas/graph/saga-graph.ts';
import type { KnownSagas } from '../../wire/admit.ts';
import { readDefinition } from '../../wire/definition-record.ts';
import type { ServiceHealth } from '../service-health.ts';
import type { Tenure } from '../waiting/tenure.ts';
import type { SagaPlan } from './saga-plan.ts';

/**
 * The saga definitions of the installation, as they come from `troupe.definitions`, and what each means to this service.
 *
 * Owns the plans by saga reference. Does not own reading the topic: the consumer hands its records over.
 *
 * Invariants
 * 1. A definition does not change once it is known. Of two contents for one version the first in the topic counts.
 * 2. A definition that cannot be read, or that comes beyond `definitionsMax`, harms no other one.
 */
export class DefinitionsReader implements KnownSagas<SagaPlan> {
  readonly #plan: (graph: SagaGraph) => SagaPlan;
  readonly #definitionsMax: number;
  readonly #health: ServiceHealth;
  readonly #plans = new Map<SagaRef, SagaPlan>();
  /** By `name@version`. */
  readonly #versions = new Map<string, SagaRef>();
  readonly #waiting = new Set<() => void>();
  #timeoutMsMax = 0;

  constructor(plan: (graph: SagaGraph) => SagaPlan, definitionsMax: number, health: ServiceHealth) {
    this.#plan = plan;
    this.#definitionsMax = definitionsMax;
    this.#health = health;
  }

  /** Of the saga that may take longest; 0 when none is known. */
  get timeoutMsMax(): number {
    return this.#timeoutMsMax;
  }

  get(saga: SagaRef): SagaPlan | undefined {
    return this.#plans.get(saga);
  }

  /** What the topic says of a version; undefined when it says nothing. */
  referenceOf({ name, version }: Pick<SagaGraph, 'name' | 'version'>): SagaRef | undefined {
    return this.#versions.get(`${name}@${version}`);
  }

  onRecords(records: readonly IncomingRecord[]): void {
    for (const record of records) this.#learn(record);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const changed of waiting) changed();
  }

  /** Resolves when something came, or after `timeoutMs`. Rejects with `Interrupted` when the tenure begins to end. */
  nextChange(tenure: Tenure, clock: Clock, timeoutMs: number): Promise<void> {
    return tenure.wait(clock, timeoutMs, 'ending', (wake) => {
      this.#waiting.add(wake);
      return () => this.#waiting.delete(wake);
    });
  }

  #learn(record: IncomingRecord): void {
    const graph = readDefinition(record);
    if (graph === undefined) return;
    if ('fault' in graph) {
      this.#health.begin(
        'definition-conflict',
        `offset ${record.offset}`,
        `${graph.fault}: ignored`,
      ); // invariant 2
      return;
    }
    const saga = sagaRef(graph);
    if (this.#plans.has(saga)) return;
    const first = this.referenceOf(graph);
    if (first !== undefined) {
      this.#health.begin(
        'definition-conflict',
        saga,
        `${saga} is another content for a version that is ${first}: it is refused. Give a changed saga a new version.`,
      );
      return;
    }
    if (this.#plans.size >= this.#definitionsMax) {
      this.#health.begin(
        'definition-conflict',
        saga,
        `${saga} is not taken up: ${this.#definitionsMax} definitions are known already (limits.definitionsMax)`,
      );
      return;
    }
    this.#versions.set(`${graph.name}@${graph.version}`, saga); // invariant 1
    this.#plans.set(saga, this.#plan(graph));
    this.#timeoutMsMax = Math.max(this.#timeoutMsMax, graph.timeoutMs);
  }
}
