import {
  nextTimerAtMs,
  type Progress,
  type SagaGraph,
  type SagaLimits,
  type SagaRef,
  type TraceHeaders,
} from '@troupe/core/internal';
import { type Payload, type SagaEntry, sagaKey } from './saga-entry.ts';
import type { StateRecord, StoredSaga } from './state-record.ts';
import { TimerQueue } from './timer-queue.ts';

/**
 * The sagas of one shard, in memory.
 *
 * Owns progress, kept payloads and the times at which sagas have to hear that time passed. Does not own the rules, nor
 * what is durable: that is `troupe.state`, from which `restore` rebuilds it.
 * Invariants:
 * 1. A saga has a timer whenever its rules name a time (`nextTimerAtMs`).
 * 2. Payloads are only kept for sagas that are here.
 */
export class SagaStore {
  readonly #entries = new Map<string, SagaEntry>();
  /** While restoring: payloads of sagas whose own record is still to come. */
  readonly #early = new Map<string, Map<string, Payload>>();
  readonly #timers = new TimerQueue<string>();
  readonly #graphOf: (saga: SagaRef) => SagaGraph | undefined;
  readonly #limits: SagaLimits;

  constructor(graphOf: (saga: SagaRef) => SagaGraph | undefined, limits: SagaLimits) {
    this.#graphOf = graphOf;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get nextTimerAtMs(): number | undefined {
    return this.#timers.nextAtMs;
  }

  get(key: string): SagaEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<SagaEntry> {
    return this.#entries.values();
  }

  begin(name: string, progress: Progress, trace: TraceHeaders): SagaEntry {
    const entry: SagaEntry = {
      name,
      sagaId: progress.sagaId,
      progress,
      revision: 0,
      trace,
      payloads: new Map(),
      dueMs: undefined,
    };
    this.#entries.set(sagaKey(name, progress.sagaId), entry);
    return entry;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  /** To be called after each change of an entry's progress. */
  schedule(key: string, entry: SagaEntry, graph: SagaGraph): void {
    const dueMs = nextTimerAtMs(graph, entry.progress, this.#limits);
    if (dueMs !== undefined && dueMs !== entry.dueMs) this.#timers.push(dueMs, key);
    entry.dueMs = dueMs;
  }

  /** Takes out the sagas that are due by `nowMs`. */
  *takeDue(nowMs: number): IterableIterator<readonly [key: string, entry: SagaEntry]> {
    for (;;) {
      const due = this.#timers.popDue(nowMs);
      if (due === undefined) return;
      const entry = this.#entries.get(due.key);
      if (entry === undefined || entry.dueMs !== due.atMs) continue;
      entry.dueMs = undefined;
      yield [due.key, entry];
    }
  }

  /** One record of `troupe.state`, in order. The newest one for a key wins, whatever compaction left. */
  restore(record: Extract<StateRecord, { readonly kind: 'saga' | 'payload' }>): void {
    if (record.kind === 'saga') this.#restoreSaga(record.key, record.saga);
    else this.#restorePayload(record.sagaKey, record.eventId, record.payload);
  }

  /** Sets the timers of what was restored. */
  restored(): void {
    this.#early.clear();
    for (const [key, entry] of this.#entries) {
      const graph = this.#graphOf(entry.progress.saga);
      if (graph !== undefined) this.schedule(key, entry, graph);
    }
  }

  #restoreSaga(key: string, saga: StoredSaga | undefined): void {
    if (saga === undefined) {
      this.#entries.delete(key);
      return;
    }
    const { name, sagaId, revision, trace, progress } = saga;
    const payloads = this.#entries.get(key)?.payloads ?? this.#early.get(key) ?? new Map();
    this.#early.delete(key);
    this.#entries.set(key, { name, sagaId, revision, trace, progress, payloads, dueMs: undefined });
  }

  // Compaction keeps only the newest record of a saga, which may lie after those of its payloads.
  #restorePayload(key: string, eventId: string, payload: Payload | undefined): void {
    let payloads = this.#entries.get(key)?.payloads ?? this.#early.get(key);
    if (payloads === undefined) {
      payloads = new Map();
      this.#early.set(key, payloads);
    }
    if (payload === undefined) payloads.delete(eventId);
    else payloads.set(eventId, payload);
  }
}
