import { fetchResponseModules, patchOnce, replaceKafkajsModule } from './kafkajs-modules.ts';

const decoderModule = 'kafkajs/src/protocol/recordBatch/v0/decoder.js';

interface DecodedBatch {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly maxTimestamp: string;
  readonly records: readonly { readonly offset: string }[];
}

type DecodeBatch = (source: unknown) => Promise<DecodedBatch>;

/**
 * Lets kafkajs pass over what compaction has taken away at the end of a record batch.
 *
 * A compacted batch keeps its range of offsets. kafkajs goes on after the last record that is left, is given the same
 * batch once more, and steps ahead by a single offset with each fetch of it; where nothing at all is left of a batch,
 * which brokers keep for the sake of its producer's sequence, and nothing follows in the same segment, it fetches it
 * again for ever. So a batch that ends in a gap is given a marker there, like those at the end of transactions, which
 * kafkajs passes over. Idempotent.
 */
export function passOverGaps(): void {
  patchOnce('pass over gaps', () =>
    replaceKafkajsModule<DecodeBatch>(decoderModule, fetchResponseModules, withEnds),
  );
}

function withEnds(decode: DecodeBatch): DecodeBatch {
  return async (source) => {
    const batch = await decode(source);
    const end = String(BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta));
    const { records } = batch;
    return records.at(-1)?.offset === end
      ? batch
      : { ...batch, records: [...records, markerAt(end, batch)] };
  };
}

function markerAt(offset: string, batch: DecodedBatch) {
  return {
    magicByte: 2,
    attributes: 0,
    timestamp: batch.maxTimestamp,
    offset,
    key: null,
    value: null,
    headers: {},
    isControlRecord: true,
    batchContext: batch,
  };
}
