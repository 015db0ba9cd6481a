import type { OutgoingRecord } from '@troupe/core';
import { recordBytes } from '@troupe/core/internal';

export interface RequestLimits {
  readonly bufferedRecordsMax: number;
  readonly requestBytesMax: number;
}

/** How many bytes of records topics take in one batch. */
export interface BatchLimits {
  /** The smallest of all. */
  readonly bytesMin: number;
  bytesMax(topic: string): number;
}

/** What it takes records from: those before `taken` are in other requests. */
interface Source {
  readonly records: readonly OutgoingRecord[];
  /** Of all of them together. */
  readonly bytes: number;
  readonly taken: number;
}

/**
 * A request that takes records until one does not fit.
 *
 * 1. It has at most `requestBytesMax` bytes and `bufferedRecordsMax` records, but at least one record.
 * 2. The records of a topic are not more than one batch of it takes, but at least one record.
 */
export class GrowingRequest {
  readonly records: OutgoingRecord[] = [];
  readonly #limits: RequestLimits;
  readonly #batchLimits: BatchLimits;
  #bytes = 0;
  #bytesByTopic: Map<string, number> | undefined;

  constructor(limits: RequestLimits, batchLimits: BatchLimits) {
    this.#limits = limits;
    this.#batchLimits = batchLimits;
  }

  /** Returns how many of the source's records are in requests now. */
  takeFrom({ records, bytes, taken }: Source): number {
    if (taken === 0 && this.#fitsUnseen(records.length, bytes)) {
      // As nearly all do: nothing is measured again.
      for (const record of records) this.records.push(record);
      this.#bytes += bytes;
      return records.length;
    }
    let at = taken;
    for (let record = records[at]; record !== undefined; record = records[at]) {
      const size = recordBytes(record);
      if (this.records.length > 0 && !this.#fits(record.topic, size)) break;
      this.#bytesByTopic?.set(record.topic, size + (this.#bytesByTopic.get(record.topic) ?? 0));
      this.records.push(record);
      this.#bytes += size;
      at += 1;
    }
    return at;
  }

  /** Whatever topics they are for. */
  #fitsUnseen(count: number, bytes: number): boolean {
    const isMeasured = this.#bytesByTopic !== undefined;
    const batchBytes = this.#bytes + bytes;
    return !isMeasured && this.#hasRoom(count, bytes) && batchBytes <= this.#batchLimits.bytesMin;
  }

  #fits(topic: string, size: number): boolean {
    if (!this.#hasRoom(1, size)) return false;
    const bytesMax = this.#batchLimits.bytesMax(topic);
    if (this.#bytes + size <= bytesMax) return true;
    this.#bytesByTopic ??= bytesByTopic(this.records);
    return (this.#bytesByTopic.get(topic) ?? 0) + size <= bytesMax;
  }

  #hasRoom(count: number, bytes: number): boolean {
    const { bufferedRecordsMax, requestBytesMax } = this.#limits;
    return (
      this.records.length + count <= bufferedRecordsMax && this.#bytes + bytes <= requestBytesMax
    );
  }
}

function bytesByTopic(records: readonly OutgoingRecord[]): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const record of records) {
    bytes.set(record.topic, recordBytes(record) + (bytes.get(record.topic) ?? 0));
  }
  return bytes;
}
