import type { OutgoingRecord } from '@troupe/core';
import { type BatchLimits, GrowingRequest, type RequestLimits } from './growing-request.ts';

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
 * 1. A request is as large as `GrowingRequest` lets it be.
 * 2. Nothing of a send that has failed is taken any more.
 */
export class SendQueue {
  readonly #limits: RequestLimits;
  readonly #batchLimits: BatchLimits;
  #sends: PendingSend[] = [];

  constructor(limits: RequestLimits, batchLimits: BatchLimits) {
    this.#limits = limits;
    this.#batchLimits = batchLimits;
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
    const request = new GrowingRequest(this.#limits, this.#batchLimits);
    const parts: { send: PendingSend; count: number }[] = [];
    let done = 0;
    for (const send of this.#sends) {
      if (!send.isFailed) {
        if (!send.isChecked) break;
        const before = send.taken;
        send.taken = request.takeFrom(send);
        if (send.taken > before) parts.push({ send, count: send.taken - before });
        if (send.taken < send.records.length) break;
      }
      done += 1;
    }
    this.#sends.splice(0, done);
    return { records: request.records, parts };
  }
}
