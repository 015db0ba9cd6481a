import type { OutgoingRecord } from '@troupe/core';
import type { Payload, SagaEntry } from '../state/saga-entry.ts';
import {
  offsetsRecord,
  payloadRecord,
  payloadTombstone,
  sagaRecord,
  sagaTombstone,
  waitingRecord,
  waitingTombstone,
} from '../state/state-record.ts';
import type { RecordPlace, WaitingEvent } from '../state/waiting-event.ts';

/** What somebody is asked for. */
export interface Request {
  readonly record: OutgoingRecord;
  /** To be called when it was committed, or failed to be. */
  readonly sent: (error?: unknown) => void;
}

/**
 * Everything that one transaction of a shard will write: state, requests, life-cycle records and input offsets (I5).
 * The state of a saga is written once, however often it changed in between.
 */
export class CommitBatch {
  readonly #partition: number;
  readonly #onRequest: () => void;
  /** By key: a saga that was put away and taken out again meanwhile is another object. */
  readonly #changed = new Map<string, SagaEntry>();
  readonly #forgotten = new Set<string>();
  readonly #payloads: OutgoingRecord[] = [];
  readonly #waiting: OutgoingRecord[] = [];
  readonly #lifeCycle: OutgoingRecord[] = [];
  /** Requests, forwarded events and dead letters: somebody else goes on when they are there. */
  readonly #awaited: OutgoingRecord[] = [];
  readonly #sent: ((error?: unknown) => void)[] = [];
  #folded = 0;
  /** Of the values to write, about: of a saga's own state, as it is when it first changes. */
  bytes = 0;

  constructor(partition: number, onRequest: () => void) {
    this.#partition = partition;
    this.#onRequest = onRequest;
  }

  /** Records and passed times that went into it. */
  get folded(): number {
    return this.#folded;
  }

  count(): void {
    this.#folded += 1;
  }

  /** True: nothing else to write. */
  get hasOnlyOffsets(): boolean {
    return this.#lifeCycle.length + this.#awaited.length + this.#waiting.length === 0;
  }

  /** True: a saga waits for this commit. False: it only puts on record what went on without the coordinator. */
  get isAwaited(): boolean {
    return this.#awaited.length > 0;
  }

  change(entry: SagaEntry): void {
    if (!this.#changed.has(entry.key)) this.bytes += entry.stateBytesMax ?? 0;
    this.#changed.set(entry.key, entry);
    this.#forgotten.delete(entry.key);
  }

  forget(entry: SagaEntry): void {
    this.#changed.delete(entry.key);
    this.#forgotten.add(entry.key);
  }

  keepPayload(entry: SagaEntry, name: string, payload: Payload): void {
    this.#payloads.push(payloadRecord(this.#partition, entry.key, name, payload));
    this.bytes += payload.framed.length;
  }

  dropPayload(entry: SagaEntry, name: string): void {
    this.#payloads.push(payloadTombstone(this.#partition, entry.key, name));
  }

  /** False, and nothing will be written, when it is larger than a record may be. */
  keepWaiting(event: WaitingEvent, bytesMax: number): boolean {
    const record = waitingRecord(this.#partition, event);
    const bytes = record.value?.length ?? 0;
    if (bytes > bytesMax) return false;
    this.#waiting.push(record);
    this.bytes += bytes;
    return true;
  }

  dropWaiting(place: RecordPlace): void {
    this.#waiting.push(waitingTombstone(this.#partition, place));
  }

  request({ record, sent }: Request): void {
    this.#onRequest();
    this.write(record);
    this.#sent.push(sent);
  }

  lifeCycle(record: OutgoingRecord): void {
    this.#lifeCycle.push(record);
    this.bytes += record.value?.length ?? 0;
  }

  /** Anything else that is not the shard's own: a forwarded event, a dead letter, a barrier. */
  write(record: OutgoingRecord): void {
    this.#awaited.push(record);
    this.bytes += record.value?.length ?? 0;
  }

  records(offsets: ReadonlyMap<string, bigint>): OutgoingRecord[] {
    const records: OutgoingRecord[] = [];
    for (const entry of this.#changed.values()) {
      const record = sagaRecord(this.#partition, entry);
      // Measured anyway now: what was estimated since the last commit does not add up.
      entry.stateBytesMax = record.value?.length;
      records.push(record);
    }
    for (const key of this.#forgotten) records.push(sagaTombstone(this.#partition, key));
    records.push(...this.#payloads, ...this.#waiting, offsetsRecord(this.#partition, offsets));
    records.push(...this.#lifeCycle, ...this.#awaited);
    return records;
  }

  /** What is true only then: after a failed commit the same is folded, and said, again. */
  whenCommitted(say: () => void): void {
    this.#sent.push((error) => {
      if (error === undefined) say();
    });
  }

  /** Ends the spans of what was sent. */
  settle(error?: unknown): void {
    for (const sent of this.#sent) sent(error);
  }
}
