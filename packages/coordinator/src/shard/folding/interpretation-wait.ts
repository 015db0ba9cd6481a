import { type IncomingRecord, TroupeError } from '@troupe/core';
import { heardLater } from '../checkpoints.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { BrokerTime } from '../time/broker-time.ts';
import { interpretRecord } from './interpret-record.ts';
import type { Interpretation } from './interpretation.ts';

/** What is no `TroupeError` may pass or be a fault of the program: it is tried this often. */
const unknownErrorsMax = 5;

/**
 * Says what a record is. Where that cannot be said yet the whole shard waits, which takes its records one after the other:
 * - for a schema, until the registry answers;
 * - for a definition that it does not know, until all that were published by now are read and judged. Where a topic of one
 *   of them cannot be looked up that takes 60 s from when it was read, at most (`DefinitionJudge`).
 * What is still unknown after that is said to be so, and waits by itself, while the shard goes on (ADR 10).
 *
 * Owns until when all definitions are known, so that a producer that names none of them costs a look-up now and then, and not
 * one for each record.
 */
export class InterpretationWait {
  readonly #parts: ShardParts;
  readonly #time: BrokerTime;
  readonly #signal: AbortSignal;
  /** What was published by then is known, or was when it was last asked for. The broker's time. */
  #definedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ShardParts, time: BrokerTime, signal: AbortSignal) {
    this.#parts = parts;
    this.#time = time;
    this.#signal = signal;
  }

  /** At once where it can. Never throws; rejects when the signal is aborted, or definitions cannot be read. */
  interpret(record: IncomingRecord): Interpretation | Promise<Interpretation> {
    let found: Interpretation | Promise<Interpretation>;
    try {
      found = this.#read(record);
    } catch (error) {
      return unreadable(error);
    }
    if (found instanceof Promise) return this.#whenAnswered(record, () => found);
    const isMissing = found.kind === 'unknown-definition';
    // Published before this event, it would be known.
    if (!isMissing || record.timestampMs < this.#definedUntilMs) return found;
    return this.#whenDefined(record);
  }

  #read(record: IncomingRecord): Interpretation | Promise<Interpretation> {
    const { book, serde } = this.#parts;
    return interpretRecord(record, book, serde);
  }

  /** Most definitions are published before the first event that names them: reading all there are now is enough for those. */
  async #whenDefined(record: IncomingRecord): Promise<Interpretation> {
    const { definitionsRead, waitFor } = this.#parts;
    const begunMs = this.#time.nowMs();
    await waitFor('record-definition', () => definitionsRead(this.#signal));
    this.#definedUntilMs = begunMs;
    return this.#whenAnswered(record, () => this.#read(record));
  }

  /** `first` may throw at once, as reading does where the schema is known. */
  async #whenAnswered(
    record: IncomingRecord,
    first: () => Interpretation | Promise<Interpretation>,
  ): Promise<Interpretation> {
    const { clock, logger, limits, waitFor } = this.#parts;
    let read = first;
    let delayMs = limits.takeOverDelayMs;
    let unknownErrors = 0;
    for (;;) {
      try {
        const found = read();
        if (!(found instanceof Promise)) return found;
        heardLater(found);
        return await waitFor('record-schema', () => found);
      } catch (error) {
        if (error instanceof TroupeError) {
          if (!error.retryable) return unreadable(error);
        } else if (++unknownErrors >= unknownErrorsMax) {
          return unreadable(error);
        }
        const { topic, partition, offset } = record;
        logger.warn('a record waits for its schema', { topic, partition, offset, error });
        const waitMs = delayMs;
        await waitFor('record-retry', () => clock.sleep(waitMs, this.#signal));
        delayMs = Math.min(delayMs * 2, limits.takeOverDelayMsMax);
        read = () => this.#read(record);
      }
    }
  }
}

/** Nothing makes this record readable later. Whatever is wrong with it, or with us: it must not stop the others. */
function unreadable(error: unknown): Interpretation {
  const code = error instanceof TroupeError ? error.code : 'poison-message';
  const fault = error instanceof Error ? error.message : String(error);
  return { kind: 'unreadable', code, fault };
}
