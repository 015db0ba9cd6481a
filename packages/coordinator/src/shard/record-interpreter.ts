import { type IncomingRecord, PoisonMessageError } from '@troupe/core';
import { type Interpretation, interpretRecord } from './interpret-record.ts';
import type { ShardParts } from './shard-parts.ts';

/**
 * Says what a record is, and waits where that is not known yet: for a definition that was just published, for a
 * schema while the registry is away. Later events of the key must not overtake, so the whole shard waits then.
 */
export class RecordInterpreter {
  readonly #parts: ShardParts;
  readonly #signal: AbortSignal;

  constructor(parts: ShardParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** At once where it can. Rejects only when the signal is aborted, or with a fault of the program. */
  interpret(record: IncomingRecord): Interpretation | Promise<Interpretation> {
    let found: Interpretation | Promise<Interpretation>;
    try {
      found = this.#read(record);
    } catch (error) {
      if (error instanceof PoisonMessageError) return { kind: 'unreadable', fault: error.message };
      throw error;
    }
    if (found instanceof Promise) return this.#whenAnswered(record, found);
    return found.kind === 'unknown-definition' ? this.#whenDefined(record) : found;
  }

  #read(record: IncomingRecord): Interpretation | Promise<Interpretation> {
    const { book, serde } = this.#parts;
    return interpretRecord(record, book, serde);
  }

  /** A definition is published before the first event that names it, so reading all there are now is enough. */
  async #whenDefined(record: IncomingRecord): Promise<Interpretation> {
    await this.#parts.definitionsRead(this.#signal);
    return this.#read(record);
  }

  async #whenAnswered(
    record: IncomingRecord,
    first: Promise<Interpretation>,
  ): Promise<Interpretation> {
    const { clock, logger, limits } = this.#parts;
    let pending: Interpretation | Promise<Interpretation> = first;
    let delayMs = limits.takeOverDelayMs;
    for (;;) {
      try {
        return await pending;
      } catch (error) {
        if (error instanceof PoisonMessageError) {
          return { kind: 'unreadable', fault: error.message };
        }
        const { topic, partition, offset } = record;
        logger.warn('a record waits for its schema', { topic, partition, offset, error });
        await clock.sleep(delayMs, this.#signal);
        delayMs = Math.min(delayMs * 2, limits.takeOverDelayMsMax);
        pending = this.#read(record);
      }
    }
  }
}
