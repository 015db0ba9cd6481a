/** Beside its records a record batch has a header, which counts too. */
const batchHeaderBytes = 61;

interface BatchLimit {
  readonly bytesMax: number;
  /** False: worked out from what was refused. */
  readonly isKnown: boolean;
}

/**
 * How many bytes of records, as `recordBytes` counts, a topic takes in one batch: its `max.message.bytes`, as brokers say
 * it. Where a client may not ask them for it, half of what was refused, until nothing is refused any more.
 */
export class BatchLimits {
  readonly #limits = new Map<string, BatchLimit>();
  #bytesMin = Number.POSITIVE_INFINITY;

  /** The smallest of all topics that are known. */
  get bytesMin(): number {
    return this.#bytesMin;
  }

  /** Infinity where nothing is known. */
  bytesMax(topic: string): number {
    return this.#limits.get(topic)?.bytesMax ?? Number.POSITIVE_INFINITY;
  }

  isKnown(topic: string): boolean {
    return this.#limits.get(topic)?.isKnown ?? false;
  }

  learn(topic: string, maxMessageBytes: number): void {
    this.#set(topic, { bytesMax: maxMessageBytes - batchHeaderBytes, isKnown: true });
  }

  /** The next answer about a topic counts, and until then what is remembered of it. */
  doubt(topic: string): void {
    const limit = this.#limits.get(topic);
    if (limit !== undefined) this.#set(topic, { ...limit, isKnown: false });
  }

  /** A batch of several records was refused as too large. Whatever was known may have changed. */
  refused(topic: string, bytes: number): void {
    const bytesMax = Math.min(this.bytesMax(topic), Math.floor(bytes / 2));
    this.#set(topic, { bytesMax, isKnown: false });
  }

  #set(topic: string, limit: BatchLimit): void {
    this.#limits.set(topic, limit);
    this.#bytesMin = Math.min(...[...this.#limits.values()].map(({ bytesMax }) => bytesMax));
  }
}
