import {
  nextTimerAtMs,
  type SagaGraph,
  type SagaLimits,
  type SagaRef,
} from '@troupe/core/internal';
import type { Payload, SagaEntry } from './saga-entry.ts';
import type { StateRecord, StoredSaga } from './state-record.ts';
import { TimerQueue } from './timer-queue.ts';
import { WaitingEvents } from './waiting-events.ts';

const staleTimersMax = 1_000;

/**
 * The sagas of one shard, in memory.
 *
 * Owns progress, kept payloads, the events that wait for a definition and the times at which sagas have to hear that time passed. Does not own the rules, nor
 * what is durable: that is `troupe.state`, from which `restore` rebuilds it.
 * Invariants:
 * 1. A saga has a timer whenever its rules name a time (`nextTimerAtMs`).
 * 2. Payloads are only kept for sagas that are here.
 * 3. There are at most `staleTimersMax` more timers than twice the sagas.
 */
export class SagaStore {
  /** Events of sagas whose definition nobody has published yet. */
  readonly waiting = new WaitingEvents();
  readonly #entries = new Map<string, SagaEntry>();
  /** While restoring: payloads of sagas whose own record is still to come. */
  readonly #early = new Map<string, Map<string, Payload>>();
  readonly #timers = new TimerQueue<string>();
  /** Restored, but without a definition. Undefined: nothing was restored yet. */
  #untimed: Set<string> | undefined;
  readonly #graphOf: (saga: SagaRef) => SagaGraph | undefined;
  readonly #limits: SagaLimits;

  constructor(graphOf: (saga: SagaRef) => SagaGraph | undefined, limits: SagaLimits) {
    this.#graphOf = graphOf;
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Timers that are held, with those that hold no more. */
  get timerCount(): number {
    return this.#timers.size;
  }

  get nextTimerAtMs(): number | undefined {
    const sagaMs = this.#timers.nextAtMs ?? Number.POSITIVE_INFINITY;
    const nextMs = Math.min(sagaMs, this.waiting.nextUntilMs ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  get(key: string): SagaEntry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<SagaEntry> {
    return this.#entries.values();
  }

  begin(key: string, entry: SagaEntry): void {
    this.#entries.set(key, entry);
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  /** To be called after each change of an entry's progress. */
  schedule(key: string, entry: SagaEntry, graph: SagaGraph): void {
    const dueMs = nextTimerAtMs(graph, entry.progress, this.#limits);
    const changed = dueMs !== entry.dueMs;
    entry.dueMs = dueMs;
    if (dueMs === undefined || !changed) return;
    this.#timers.push(dueMs, key);
    if (this.#timers.size > staleTimersMax + 2 * this.#entries.size) this.#dropStaleTimers();
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
  restore(record: Extract<StateRecord, { readonly kind: 'saga' | 'payload' | 'waiting' }>): void {
    if (record.kind === 'saga') this.#restoreSaga(record.key, record.saga);
    else if (record.kind === 'waiting') {
      if (record.event === undefined) this.waiting.remove(record.place);
      else this.waiting.add(record.event);
    } else this.#restorePayload(record.sagaKey, record.eventId, record.payload);
  }

  /** Everything was restored: sets the timers. */
  restored(): void {
    this.#early.clear();
    this.findDefinitions();
  }

  /** Sets the timers of sagas whose definition was not known before. Returns how many are still without. */
  findDefinitions(): number {
    const without = this.#untimed ?? this.#entries.keys();
    const still = new Set<string>();
    for (const key of without) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      const graph = this.#graphOf(entry.progress.saga);
      if (graph === undefined) still.add(key);
      else this.schedule(key, entry, graph);
    }
    this.#untimed = still;
    return still.size;
  }

  /** Restored sagas whose definition nobody published, or that is refused here: no time limit of theirs passes. */
  get withoutDefinition(): number {
    return this.#untimed?.size ?? 0;
  }

  #dropStaleTimers(): void {
    this.#timers.clear();
    for (const [key, { dueMs }] of this.#entries) {
      if (dueMs !== undefined) this.#timers.push(dueMs, key);
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
    const measured = { stateBytesMax: undefined, dueMs: undefined };
    this.#entries.set(key, { name, sagaId, revision, trace, progress, payloads, ...measured });
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
