import { createRequire } from 'node:module';

/** The only version whose modules are known. */
const clientVersion = '2.2.4';
const decoderModule = 'kafkajs/src/protocol/recordBatch/v0/decoder.js';

interface DecodedBatch {
  readonly firstOffset: string;
  readonly lastOffsetDelta: number;
  readonly maxTimestamp: string;
  readonly records: readonly { readonly offset: string }[];
}

type DecodeBatch = (source: unknown) => Promise<DecodedBatch>;

const requireFromHere = createRequire(import.meta.url);
let installed = false;

/**
 * Lets kafkajs pass over what compaction has taken away at the end of a record batch.
 *
 * A compacted batch keeps its range of offsets. kafkajs goes on after the last record that is left, is given the same
 * batch once more, and steps ahead by a single offset with each fetch of it; where nothing at all is left of a batch,
 * which brokers keep for the sake of its producer's sequence, and nothing follows in the same segment, it fetches it
 * again for ever. So a batch that ends in a gap is given a marker there, like those at the end of transactions, which
 * kafkajs passes over. To be called before the client's first fetch. Another version of it keeps its own decoder.
 * Idempotent.
 */
export function passOverGaps(): void {
  if (installed || requireFromHere('kafkajs/package.json').version !== clientVersion) return;
  installed = true;
  const decode: DecodeBatch = requireFromHere(decoderModule);
  const module = requireFromHere.cache[requireFromHere.resolve(decoderModule)];
  if (module === undefined) return;
  const decodeWithEnd: DecodeBatch = async (source) => {
    const batch = await decode(source);
    const end = String(BigInt(batch.firstOffset) + BigInt(batch.lastOffsetDelta));
    const { records } = batch;
    return records.at(-1)?.offset === end
      ? batch
      : { ...batch, records: [...records, markerAt(end, batch)] };
  };
  module.exports = decodeWithEnd;
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
