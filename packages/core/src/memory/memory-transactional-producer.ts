import type { OutgoingRecord, TransactionalProducer } from '../ports/transport.ts';
import type { MemoryLog } from './memory-log.ts';
import { stopped, unheard } from './memory-producer.ts';

interface MemoryTransactionOptions {
  readonly timeoutMs: number;
  /** Whether the answer to a commit is lost. */
  isUnheard(): boolean;
}

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
  readonly #options: MemoryTransactionOptions;
  readonly #onEnd: (producer: MemoryTransactionalProducer) => void;
  #failure: unknown;
  #last: Promise<void> = Promise.resolve();

  constructor(
    log: MemoryLog,
    transactionalId: string,
    options: MemoryTransactionOptions,
    onEnd: (producer: MemoryTransactionalProducer) => void,
  ) {
    this.#log = log;
    this.#onEnd = onEnd;
    this.#options = options;
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
      const { timeoutMs, isUnheard } = this.#options;
      const [id, epoch] = [this.#transactionalId, this.#epoch];
      const transaction = this.#log.beginTransaction(id, epoch, records, timeoutMs);
      // Open for a turn, so that readers and a take-over meet it as they do on a broker.
      await this.#turn();
      this.#log.commitTransaction(id, epoch, transaction);
      if (isUnheard()) throw unheard();
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
