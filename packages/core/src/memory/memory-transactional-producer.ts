import type { OutgoingRecord, TransactionalProducer } from '../ports/transport.ts';
import type { MemoryLog } from './memory-log.ts';
import { stopped } from './memory-producer.ts';

/**
 * Holds a transactional id until a newer producer takes it.
 *
 * 1. One commit at a time.
 * 2. After a failed commit every further one fails with the same error.
 */
export class MemoryTransactionalProducer implements TransactionalProducer {
  readonly #log: MemoryLog;
  readonly #transactionalId: string;
  readonly #epoch: number;
  readonly #onEnd: (producer: MemoryTransactionalProducer) => void;
  #failure: unknown;
  #last: Promise<void> = Promise.resolve();

  constructor(
    log: MemoryLog,
    transactionalId: string,
    onEnd: (producer: MemoryTransactionalProducer) => void,
  ) {
    this.#log = log;
    this.#onEnd = onEnd;
    this.#transactionalId = transactionalId;
    this.#epoch = log.openTransactionalId(transactionalId);
  }

  async commit(records: readonly OutgoingRecord[]): Promise<void> {
    const before = this.#last;
    this.#last = this.#commit(before, records);
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last.catch((error: unknown) => error);
    this.drop();
  }

  /** Ends at once. A transaction that is open stays so until the id is opened anew, as a killed process leaves it. */
  drop(): void {
    this.#failure ??= stopped();
    this.#onEnd(this);
  }

  async #commit(before: Promise<void>, records: readonly OutgoingRecord[]): Promise<void> {
    await before;
    try {
      await this.#turn();
      const transaction = this.#log.beginTransaction(this.#transactionalId, this.#epoch, records);
      // Open for a turn, so that readers and a take-over meet it as they do on a broker.
      await this.#turn();
      this.#log.commitTransaction(this.#transactionalId, this.#epoch, transaction);
    } catch (error) {
      this.#failure ??= error;
      throw this.#failure;
    }
  }

  async #turn(): Promise<void> {
    await new Promise<void>((resolve) => this.#log.schedule(resolve));
    if (this.#failure !== undefined) throw this.#failure;
  }
}
