import type { OutgoingRecord } from '@troupe/core';
import { recordBytes } from '@troupe/core/internal';

export interface RequestLimits {
  readonly bufferedRecordsMax: number;
  readonly requestBytesMax: number;
}

/** One call of `send`, which may need several requests. */
export class PendingSend {
  readonly records: readonly OutgoingRecord[];
  /** Of all of them together. */
  readonly bytes: number;
  readonly #settled = Promise.withResolvers<void>();
  #unacknowledged: number;
  /** Records that were put into a request. */
  taken = 0;
  isFailed = false;
  /** Its topics and partitions are known to exist. */
  isChecked = false;

  constructor(records: readonly OutgoingRecord[], bytes: number) {
    this.records = records;
    this.bytes = bytes;
    this.#unacknowledged = records.length;
  }

  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  acknowledge(count: number): void {
    this.#unacknowledged -= count;
    if (this.#unacknowledged === 0) this.#settled.resolve();
  }

  fail(error: Error): void {
    this.isFailed = true;
    this.#settled.reject(error);
  }
}

export interface SendRequest {
  readonly records: readonly OutgoingRecord[];
  readonly parts: readonly { readonly send: PendingSend; readonly count: number }[];
}

/**
 * What waits to be sent, in the order in which it was handed over.
 *
 * 1. A request has at most `requestBytesMax` bytes and `bufferedRecordsMax` records, but at least one record.
 * 2. Nothing of a send that has failed is taken any more.
 */
export class SendQueue {
  readonly #limits: RequestLimits;
  #sends: PendingSend[] = [];

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#sends.length === 0;
  }

  push(send: PendingSend): void {
    this.#sends.push(send);
  }

  unchecked(): PendingSend[] {
    return this.#sends.filter(({ isChecked, isFailed }) => !isChecked && !isFailed);
  }

  /** Takes everything out. */
  drain(): PendingSend[] {
    return this.#sends.splice(0);
  }

  /** Takes out what travels next; what was not checked yet ends it. */
  take(): SendRequest {
    const { bufferedRecordsMax, requestBytesMax } = this.#limits;
    const records: OutgoingRecord[] = [];
    const parts: { send: PendingSend; count: number }[] = [];
    let bytes = 0;
    let done = 0;
    const hasRoom = (more: number, moreBytes: number): boolean =>
      records.length + more <= bufferedRecordsMax && bytes + moreBytes <= requestBytesMax;
    for (const send of this.#sends) {
      if (!send.isFailed) {
        if (!send.isChecked) break;
        const before = records.length;
        if (send.taken === 0 && hasRoom(send.records.length, send.bytes)) {
          // It fits as a whole, as nearly all do: nothing is measured again.
          for (const record of send.records) records.push(record);
          bytes += send.bytes;
          send.taken = send.records.length;
        }
        for (; send.taken < send.records.length; send.taken += 1) {
          const record = send.records[send.taken];
          if (record === undefined) break;
          const size = recordBytes(record);
          if (records.length > 0 && !hasRoom(1, size)) break;
          records.push(record);
          bytes += size;
        }
        if (records.length > before) parts.push({ send, count: records.length - before });
        if (send.taken < send.records.length) break;
      }
      done += 1;
    }
    this.#sends.splice(0, done);
    return { records, parts };
  }
}
