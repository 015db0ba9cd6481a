import {
  nextTimerAtMs,
  type SagaGraph,
  type SagaLimits,
  type SagaRef,
} from '@troupe/core/internal';
import { type Address, ByteArena } from './byte-arena.ts';
import {
  dueOf,
  hasState,
  packSaga,
  setDue,
  unpackSaga,
  withPayload,
  withState,
} from './packed-saga.ts';
import type { SagaEntry } from './saga-entry.ts';
import type { StateRecord } from './state-record.ts';
import { TimerQueue } from './timer-queue.ts';
import { WaitingEvents } from './waiting-events.ts';

const staleTimersMax = 1_000;

/**
 * The sagas of one shard, in memory.
 *
 * Owns progress, kept payloads, the events that wait for a definition and the times at which sagas have to hear that time
 * passed. Does not own the rules, nor what is durable: that is `troupe.state`, from which `restore` rebuilds it.
 * Invariants:
 * 1. A saga has a timer whenever its rules name a time (`nextTimerAtMs`), for then or for when it is put off to; a restored
 *    one once its definition is in use.
 * 2. Payloads are only kept for sagas that are here.
 * 3. There are at most `staleTimersMax` more timers than twice the sagas.
 * 4. At most `liveSagasMax` sagas are objects: those that were used last. The others are packed.
 */
export class SagaStore {
  /** Events of sagas whose definition nobody has published yet. */
  readonly waiting = new WaitingEvents();
  /** As an object, or where it is packed. */
  readonly #sagas = new Map<string, SagaEntry | Address>();
  readonly #packed = new ByteArena();
  /** Keys of the sagas that are not packed, the one that was used last at the end. */
  readonly #live = new Set<string>();
  readonly #stuck = new Set<string>();
  readonly #timers = new TimerQueue<string>();
  /** Restored, but without a definition. Undefined: nothing was restored yet. */
  #untimed: Set<string> | undefined;
  readonly #graphOf: (saga: SagaRef) => SagaGraph | undefined;
  readonly #limits: SagaLimits;
  readonly #liveSagasMax: number;

  constructor(
    graphOf: (saga: SagaRef) => SagaGraph | undefined,
    limits: SagaLimits,
    liveSagasMax: number,
  ) {
    this.#graphOf = graphOf;
    this.#limits = limits;
    this.#liveSagasMax = liveSagasMax;
  }

  get size(): number {
    return this.#sagas.size;
  }

  /** Sagas that are objects. */
  get liveCount(): number {
    return this.#live.size;
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

  /**
   * To be changed before the next call of a method: another saga may be packed then. Undefined also while only payloads of
   * it are restored.
   */
  get(key: string): SagaEntry | undefined {
    const found = this.#sagas.get(key);
    if (found === undefined) return undefined;
    if (typeof found === 'number' && !hasState(this.#packed.read(found))) return undefined;
    const entry = this.#unpacked(key, found);
    if (entry !== found) this.#put(key, entry);
    this.#used(key);
    return entry;
  }

  begin(key: string, entry: SagaEntry): void {
    this.#put(key, entry);
    this.#used(key);
  }

  forget(key: string): void {
    this.#free(key);
    this.#sagas.delete(key);
    this.#live.delete(key);
    this.#stuck.delete(key);
  }

  /** How many sagas wait for a person. */
  get stuckCount(): number {
    return this.#stuck.size;
  }

  /** To be called after each change of an entry's progress, unless `schedule` is. */
  noteStuck(key: string, { progress }: SagaEntry): void {
    if (progress.stuck === undefined) this.#stuck.delete(key);
    else this.#stuck.add(key);
  }

  /** To be called after each change of an entry's progress. */
  schedule(key: string, entry: SagaEntry, graph: SagaGraph): void {
    this.noteStuck(key, entry);
    const dueMs = nextTimerAtMs(graph, entry.progress, this.#limits);
    if (dueMs !== entry.dueMs) this.#setDue(key, entry, dueMs);
  }

  /** It was due, and could not be served: it is due again then, or when its progress changes. */
  putOff(key: string, entry: SagaEntry, untilMs: number): void {
    this.#setDue(key, entry, untilMs);
  }

  /** Takes out the sagas that are due by `nowMs`. */
  *takeDue(nowMs: number): IterableIterator<readonly [key: string, entry: SagaEntry]> {
    for (;;) {
      const due = this.#timers.popDue(nowMs);
      if (due === undefined) return;
      if (this.#dueMs(due.key) !== due.atMs) continue;
      const entry = this.get(due.key);
      if (entry === undefined) continue;
      entry.dueMs = undefined;
      yield [due.key, entry];
    }
  }

  /** One record of `troupe.state`, in order. The newest one for a key wins, whatever compaction left. */
  restore(record: Extract<StateRecord, { readonly kind: 'saga' | 'payload' | 'waiting' }>): void {
    if (record.kind === 'waiting') {
      if (record.event === undefined) this.waiting.remove(record.place);
      else this.waiting.add(record.event);
      return;
    }
    const key = record.kind === 'saga' ? record.key : record.sagaKey;
    if (this.#live.has(key)) this.#pack(key);
    const found = this.#sagas.get(key);
    const packed = typeof found === 'number' ? this.#packed.read(found) : undefined;
    // Compaction keeps only the newest record of a saga, which may lie after those of its payloads.
    if (record.kind === 'payload') {
      const { name, payload } = record;
      this.#put(key, this.#packed.store(...withPayload(packed, name, payload)));
    } else if (record.state === undefined) this.forget(key);
    else this.#put(key, this.#packed.store(...withState(packed, record.state)));
  }

  /** Everything was restored: sets the timers. Throws when the state of a saga cannot be read. */
  restored(): void {
    for (const [key, saga] of this.#sagas) {
      if (typeof saga === 'number' && !hasState(this.#packed.read(saga))) this.forget(key);
    }
    this.setMissingTimers();
  }

  /** To be called when there are new definitions. Returns how many sagas are still without. */
  setMissingTimers(): number {
    const without = this.#untimed ?? this.#sagas.keys();
    const still = new Set<string>();
    for (const key of without) {
      const found = this.#sagas.get(key);
      if (found === undefined) continue;
      const entry = this.#unpacked(key, found);
      this.noteStuck(key, entry);
      const graph = this.#graphOf(entry.progress.saga);
      if (graph === undefined) {
        still.add(key);
        continue;
      }
      this.schedule(key, entry, graph);
    }
    this.#untimed = still;
    return still.size;
  }

  /** Restored sagas whose definition nobody published, or that is refused here: no time limit of theirs passes. */
  get withoutDefinition(): number {
    return this.#untimed?.size ?? 0;
  }

  /** Invariant 4. */
  #used(key: string): void {
    this.#live.delete(key);
    this.#live.add(key);
    if (this.#live.size <= this.#liveSagasMax) return;
    const [oldest = key] = this.#live;
    this.#pack(oldest);
  }

  #pack(key: string): void {
    const entry = this.#sagas.get(key);
    if (typeof entry === 'object') this.#put(key, this.#packed.store(...packSaga(entry)));
    this.#live.delete(key);
  }

  #unpacked(key: string, saga: SagaEntry | Address): SagaEntry {
    return typeof saga === 'number' ? unpackSaga(key, this.#packed.read(saga)) : saga;
  }

  #put(key: string, saga: SagaEntry | Address): void {
    this.#free(key);
    this.#sagas.set(key, saga);
  }

  #free(key: string): void {
    const saga = this.#sagas.get(key);
    if (typeof saga === 'number') this.#packed.free(saga);
  }

  #dueMs(key: string): number | undefined {
    const saga = this.#sagas.get(key);
    return typeof saga === 'number' ? dueOf(this.#packed.read(saga)) : saga?.dueMs;
  }

  /** First where the saga is, packed or not: the timers may be set anew from there at once (invariants 1 and 3). */
  #setDue(key: string, entry: SagaEntry, dueMs: number | undefined): void {
    entry.dueMs = dueMs;
    const saga = this.#sagas.get(key);
    if (typeof saga === 'number') setDue(this.#packed.read(saga), dueMs);
    if (dueMs === undefined) return;
    this.#timers.push(dueMs, key);
    if (this.#timers.size > staleTimersMax + 2 * this.#sagas.size) this.#dropStaleTimers();
  }

  #dropStaleTimers(): void {
    this.#timers.clear();
    for (const key of this.#sagas.keys()) {
      const dueMs = this.#dueMs(key);
      if (dueMs !== undefined) this.#timers.push(dueMs, key);
    }
  }
}
