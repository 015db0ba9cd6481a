import type { ErrorCode, IncomingRecord } from '@troupe/core';
import { copyTraceHeaders, internalTopics, partitionOf, recordBytes } from '@troupe/core/internal';
import type { Committer } from '../committing/committer.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { SagaStore } from '../state/saga-store.ts';
import type { BrokerTime } from '../time/broker-time.ts';
import { wholeDefinitions } from '../whole-definitions.ts';
import { deadLetterRecord } from './dead-letter-record.ts';
import { DefinitionWait } from './definition-wait.ts';
import type { Interpretation } from './interpretation.ts';
import { SagaFolder } from './saga-folder.ts';

export interface RecordFolderParts {
  readonly partition: number;
  readonly parts: ShardParts;
  readonly store: SagaStore;
  readonly committer: Committer;
  readonly time: BrokerTime;
  /** An event of another partition was folded here, and that is committed. */
  readonly onMisplaced: () => void;
}

/**
 * What one understood record, or the passing of time, adds to the open batch.
 *
 * Owns what becomes of a record: an input of its saga, an event that waits for its definition, one that is forwarded, a dead
 * letter. Does not own the order in which they come, nor the rules (`SagaFolder`).
 * Invariant: each record is folded once. What lies below the offset that is folded is dropped, unless it waited.
 */
export class RecordFolder {
  readonly #parts: RecordFolderParts;
  readonly #sagas: SagaFolder;
  readonly #definitionWait: DefinitionWait;

  constructor(parts: RecordFolderParts) {
    this.#parts = parts;
    const { book, inputs, serde, tracing, logger, limits, groupId } = parts.parts;
    this.#sagas = new SagaFolder({
      partition: parts.partition,
      store: parts.store,
      graphOf: (saga) => book.get(saga),
      wholeGraphOf: wholeDefinitions(book, inputs),
      serde,
      tracing,
      logger,
      limits: limits.saga,
      messageBytesMax: limits.messageBytesMax,
      source: groupId,
    });
    this.#definitionWait = new DefinitionWait({
      waiting: parts.store.waiting,
      committer: parts.committer,
      time: parts.time,
      parts: parts.parts,
      bury: (record, fault) => this.#bury(record, 'definition-unknown', fault),
    });
  }

  /** The invariant. */
  isToFold(record: IncomingRecord): boolean {
    const { committer } = this.#parts;
    return !committer.isFolded(record.topic, record.offset) || this.#definitionWait.has(record);
  }

  /** Events that waited, and whose definition is here: to be folded. */
  get nowDefined(): readonly IncomingRecord[] {
    return this.#definitionWait.over;
  }

  fold(record: IncomingRecord, interpretation: Interpretation): void {
    const { committer, time } = this.#parts;
    committer.advance(record.topic, record.offset);
    if (interpretation.kind === 'foreign' || this.#forward(record)) return;
    if (interpretation.kind === 'unknown-definition') {
      this.#definitionWait.begin(record, interpretation.saga);
      return;
    }
    this.#definitionWait.end(record);
    if (interpretation.kind === 'unreadable') {
      this.#bury(record, interpretation.code, interpretation.fault);
      return;
    }
    const { graph, input, headers } = interpretation;
    const payload = { type: headers.type, framed: record.value ?? new Uint8Array() };
    const arrival = { headers, payload, trace: copyTraceHeaders(record.headers) };
    // What is known of the broker's time lags behind it: nothing is decided before what it follows from.
    const nowMs = Math.max(time.nowMs(), record.timestampMs);
    const refusal = this.#sagas.fold(graph, input, arrival, committer.batch, nowMs);
    if (refusal !== undefined) this.#bury(record, refusal.code, refusal.fault);
  }

  /**
   * Everything that was appended before `untilMs` is folded. False: the batch was full before all that is due had its turn;
   * the rest has it when that is on its way.
   */
  passTime(untilMs: number): boolean {
    const { committer, time } = this.#parts;
    this.#definitionWait.passTime(untilMs);
    // Between asking where the inputs end and having read up to there, minutes may lie.
    const nowMs = Math.max(time.nowMs(), untilMs);
    this.#sagas.passTime(committer.batch, untilMs, nowMs, () => committer.isFull);
    return !committer.isFull;
  }

  /** A foreign partitioner put it here; the shard that has its saga gets it by way of `troupe.outcomes`. */
  #forward(record: IncomingRecord): boolean {
    const { partition: own, parts, committer, onMisplaced } = this.#parts;
    const { key: rawKey, topic, partition, offset, value, headers } = record;
    if (rawKey === null) return false;
    const to = partitionOf(rawKey, parts.partitionCount);
    if (to === own) return false;
    const place = { topic, partition, offset, to };
    parts.logger.warn('an event on the wrong partition is forwarded', place);
    const key = Buffer.from(rawKey).toString('utf8');
    const forwarded = { topic: internalTopics.outcomes, partition: to, key, value, headers };
    if (recordBytes(forwarded) > parts.limits.messageBytesMax) {
      const fault = `it belongs to partition ${to}, and is too large to be forwarded there`;
      this.#bury(record, 'limit-exceeded', fault);
    } else {
      committer.batch.write(forwarded);
    }
    committer.batch.whenCommitted(onMisplaced);
    return true;
  }

  #bury(record: IncomingRecord, code: ErrorCode, message: string): void {
    const { clock, logger, groupId, limits } = this.#parts.parts;
    const { topic, partition, offset } = record;
    logger.error('a record goes to the dead letters', { topic, partition, offset, code, message });
    const cause = { groupId, code, message, nowMs: clock.nowMs() };
    this.#parts.committer.batch.write(deadLetterRecord(record, cause, limits.messageBytesMax));
  }
}
