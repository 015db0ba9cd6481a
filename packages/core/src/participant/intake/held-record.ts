import type { IncomingRecord } from '../../ports/transport.ts';
import { detachedRecord } from '../../wire/detached-record.ts';

/**
 * A record that may be held for long. As it comes its bytes are views on everything that was fetched with it, and keep all
 * of that in memory (I8): one that waits is detached.
 */
export class HeldRecord implements IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: Readonly<Record<string, Uint8Array>>;
  #detached = false;

  constructor({ topic, partition, offset, timestampMs, key, value, headers }: IncomingRecord) {
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.timestampMs = timestampMs;
    this.key = key;
    this.value = value;
    this.headers = headers;
  }

  /** From now on its bytes are its own. Idempotent. */
  detach(): void {
    if (this.#detached) return;
    this.#detached = true;
    const { key, value, headers } = detachedRecord(this);
    this.key = key;
    this.value = value;
    this.headers = headers;
  }
}
