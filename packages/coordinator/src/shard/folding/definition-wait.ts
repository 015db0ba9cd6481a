import type { IncomingRecord } from '@troupe/core';
import { admit, detachedRecord, internalTopics, type SagaRef } from '@troupe/core/internal';
import type { Committer } from '../committing/committer.ts';
import type { ShardParts } from '../shard-parts.ts';
import type { RecordPlace } from '../state/waiting-event.ts';
import type { WaitingEvents } from '../state/waiting-events.ts';
import type { BrokerTime } from '../time/broker-time.ts';

interface DefinitionWaitParts {
  readonly waiting: WaitingEvents;
  readonly committer: Committer;
  readonly time: BrokerTime;
  readonly parts: Pick<ShardParts, 'book' | 'limits' | 'logger'>;
  /** Makes it a dead letter. */
  readonly bury: (record: IncomingRecord, fault: string) => void;
}

/**
 * Lets an event wait for the definition that it names, which may be published a moment later: nothing is lost to its saga
 * by that, and nobody else waits. What can never be in use, and what there is no room for, is a dead letter at once.
 */
export class DefinitionWait {
  readonly #waiting: WaitingEvents;
  readonly #committer: Committer;
  readonly #time: BrokerTime;
  readonly #parts: DefinitionWaitParts['parts'];
  readonly #bury: DefinitionWaitParts['bury'];

  constructor({ waiting, committer, time, parts, bury }: DefinitionWaitParts) {
    this.#waiting = waiting;
    this.#committer = committer;
    this.#time = time;
    this.#parts = parts;
    this.#bury = bury;
  }

  has(place: RecordPlace): boolean {
    return this.#waiting.has(place);
  }

  /** Those whose definition is here: to be folded, which ends their wait. A start that names none is taken by any. */
  get over(): readonly IncomingRecord[] {
    const { book } = this.#parts;
    return this.#waiting.over(({ record, saga }) => {
      if (book.get(saga) !== undefined) return true;
      const admission = admit(record.headers, record.key, book);
      return admission.kind === 'outside' && book.startedBy(admission.headers.type).length > 0;
    });
  }

  begin(record: IncomingRecord, saga: SagaRef): void {
    if (this.#waiting.has(record)) return;
    const { limits, logger } = this.#parts;
    const untilMs = this.#time.nowMs() + limits.definitionWaitMs;
    const event = { record: detachedRecord(record), saga, untilMs };
    const { batch } = this.#committer;
    if (!this.#mayWait(saga) || !batch.keepWaiting(event, limits.messageBytesMax)) {
      this.#giveUp(record, saga);
      return;
    }
    this.#waiting.add(event);
    const { topic, partition, offset } = record;
    logger.warn('an event waits for its definition', { saga, topic, partition, offset });
  }

  end(place: RecordPlace): void {
    if (this.#waiting.remove(place)) this.#committer.batch.dropWaiting(place);
  }

  /** Those that waited long enough are dead letters. */
  passTime(nowMs: number): void {
    for (const { record, saga } of this.#waiting.due(nowMs)) {
      // It is there by now, and its events are folded as soon as that is told.
      if (this.#parts.book.get(saga) !== undefined) continue;
      this.#committer.batch.count();
      this.end(record);
      this.#giveUp(record, saga);
    }
  }

  #mayWait(saga: SagaRef): boolean {
    const { book, limits } = this.#parts;
    const [all, its] = [this.#waiting.all, this.#waiting.of(saga)];
    return (
      book.refusal(saga) === undefined &&
      hasRoom(its.events, all.events, limits.waitingEventsMax) &&
      hasRoom(its.bytes, all.bytes, limits.waitingBytesMax)
    );
  }

  #giveUp(record: IncomingRecord, saga: SagaRef): void {
    const fault = this.#parts.book.faultOf(saga);
    const cause =
      fault === undefined
        ? `no definition ${saga} was published on ${internalTopics.definitions}`
        : `the definition ${saga} is refused: ${fault}`;
    this.#bury(record, cause);
  }
}

/** One definition has half of what all others leave: there is room for the next one (I9). */
function hasRoom(its: number, all: number, max: number): boolean {
  return its < (max - (all - its)) / 2;
}
