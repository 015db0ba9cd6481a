/** One record as a bare client reads it, transaction markers and aborted records aside. */
export interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** When the broker appended it. */
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** As in `shop.orders-2@17`. */
export function placeOf({ topic, partition, offset }: RawRecord): string {
  return `${topic}-${partition}@${offset}`;
}
