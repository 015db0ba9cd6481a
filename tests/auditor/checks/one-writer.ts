import type { Evidence } from '../log/evidence.ts';
import { placeOf, type RawRecord } from '../log/raw-record.ts';

/** I5: what a shard commits is committed once, and no holder before the last one adds anything: offsets only grow. */
export function* oneWriter({ records }: Evidence): Iterable<string> {
  yield* repeatedIds(records);
  yield* shrunkenOffsets(records);
}

function* repeatedIds(records: readonly RawRecord[]): Iterable<string> {
  const places = new Map<string, RawRecord>();
  for (const record of records) {
    const { topic, headers } = record;
    if (topic !== 'troupe.sagas' && topic !== 'troupe.requests') continue;
    const id = `${topic} ${headers['ce_id']}`;
    const first = places.get(id);
    if (first === undefined) places.set(id, record);
    else yield `${placeOf(record)} repeats ${placeOf(first)}, and both were committed`;
  }
}

function* shrunkenOffsets(records: readonly RawRecord[]): Iterable<string> {
  const last = new Map<string, bigint>();
  for (const record of records) {
    const { topic, partition, key, value } = record;
    if (topic !== 'troupe.state' || key !== 'offsets' || value === null) continue;
    const offsets = JSON.parse(value.toString()) as Readonly<Record<string, string>>;
    for (const [input, text] of Object.entries(offsets)) {
      const place = `${input}-${partition}`;
      const offset = BigInt(text);
      const before = last.get(place) ?? 0n;
      if (offset < before) {
        yield `${placeOf(record)} goes back from ${before} to ${offset} in ${place}: an old holder wrote it`;
      }
      last.set(place, offset);
    }
  }
}
