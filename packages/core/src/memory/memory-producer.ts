import { TransportError } from '../errors/error-kinds.ts';
import type { OutgoingRecord, Producer } from '../ports/transport.ts';
import type { MemoryLog } from './memory-log.ts';
import type { MemoryPartition } from './memory-partition.ts';

interface PendingSend {
  readonly records: readonly OutgoingRecord[];
  readonly targets: readonly MemoryPartition[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Owns the sends that were not written yet.
 *
 * 1. Sends are written in the order in which they came, those of one turn together.
 * 2. At most `bufferedRecordsMax` records are written in one turn (a larger send alone); later ones wait.
 */
export class MemoryProducer implements Producer {
  readonly #log: MemoryLog;
  readonly #bufferedRecordsMax: number;
  readonly #isUnheard: () => boolean;
  #pending: PendingSend[] = [];
  #turnScheduled = false;
  #closed = false;
  #idle: (() => void)[] = [];

  readonly #onEnd: (producer: MemoryProducer) => void;

  constructor(
    log: MemoryLog,
    bufferedRecordsMax: number,
    isUnheard: () => boolean,
    onEnd: (producer: MemoryProducer) => void,
  ) {
    this.#log = log;
    this.#bufferedRecordsMax = bufferedRecordsMax;
    this.#isUnheard = isUnheard;
    this.#onEnd = onEnd;
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    if (this.#closed) throw stopped();
    const targets = records.map((record) => this.#log.target(record));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.push({ records, targets, resolve, reject });
    this.#scheduleTurn();
    return promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#pending.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#onEnd(this);
  }

  /** Ends at once; what was not written is rejected. */
  drop(): void {
    this.#closed = true;
    const pending = this.#pending;
    this.#pending = [];
    for (const { reject } of pending) reject(stopped());
    this.#wakeIdle();
    this.#onEnd(this);
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    this.#log.schedule(() => {
      this.#turnScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const due = this.#takeDue();
    for (const { records, targets, resolve, reject } of due) {
      try {
        this.#log.assertAvailable();
        records.forEach((record, at) => {
          targets[at]?.append(record);
        });
        if (this.#isUnheard()) throw unheard();
        resolve();
      } catch (error) {
        reject(error);
      }
    }
    if (this.#pending.length > 0) this.#scheduleTurn();
    else this.#wakeIdle();
  }

  #takeDue(): PendingSend[] {
    let records = 0;
    const full = this.#pending.findIndex((send, at) => {
      records += send.records.length;
      return at > 0 && records > this.#bufferedRecordsMax;
    });
    return this.#pending.splice(0, full === -1 ? this.#pending.length : full);
  }

  #wakeIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

export function stopped(): TransportError {
  return new TransportError(
    'stopped',
    'the producer was closed: what it had not sent must be sent by a new one',
  );
}

export function unheard(): TransportError {
  return new TransportError(
    'transport-unavailable',
    'the in-memory log has done what was asked, and its answer was lost: who cannot tell must send again',
  );
}
