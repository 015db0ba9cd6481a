// A program that has consumed and produced with the same kafkajs before the first transport opens a client. It prints
// what its requests are like then. With the argument `gaps-first`, gaps are passed over before the codec is in place.
import { createRequire } from 'node:module';
import { openClient, surroundingsOf } from './kafka-client.ts';
import { passOverGaps } from './pass-over-gaps.ts';

const clientRequire = createRequire(import.meta.url);
const protocol = 'kafkajs/src/protocol';
const { requests } = clientRequire(`${protocol}/requests/index.js`);
const Encoder = clientRequire(`${protocol}/encoder.js`);
const { RecordBatch } = clientRequire(`${protocol}/recordBatch/v0/index.js`);
const encodeRecord = clientRequire(`${protocol}/recordBatch/record/v0/index.js`);

const fetchVersions = [4, 5, 6, 7, 8, 9, 10, 11];
const produceVersions = [3, 4, 5, 6, 7];
/** Each time as kafkajs does: what it needs for a request is required when it makes one. */
const fetchOf = (version: number) => requests.Fetch.protocol({ version })({ topics: [] });
const topicData = [
  { topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages: [{ value: 'v' }] }] },
];
const produceOf = (version: number) =>
  requests.Produce.protocol({ version })({ acks: -1, timeout: 1, topicData });

for (const version of fetchVersions) await recordsOf(version);
for (const version of produceVersions) await produceOf(version).request.encode();
if (process.argv.includes('gaps-first')) passOverGaps();
openClient(surroundingsOf({ brokers: ['b:1'], clientId: 'c' }));

/** What is read of a batch for the offsets 0 to 4, of which the first record is left. */
async function recordsOf(version: number) {
  const records = [encodeRecord({ key: 'k', value: 'v', headers: { constructor: 'c' } })];
  const batch = await RecordBatch({ firstOffset: 0, lastOffsetDelta: 4, producerId: 7, records });
  const answer = new Encoder().writeInt32(0);
  if (version >= 7) answer.writeInt16(0).writeInt32(0);
  answer.writeInt32(1).writeString('t');
  answer.writeInt32(1).writeInt32(0).writeInt16(0).writeInt64(9).writeInt64(9);
  if (version >= 5) answer.writeInt64(0);
  answer.writeInt32(0);
  if (version >= 11) answer.writeInt32(-1);
  answer.writeInt32(batch.size()).writeEncoder(batch);
  const { responses } = await fetchOf(version).response.decode(answer.buffer);
  return responses[0].partitions[0].messages;
}

const fetches = [];
for (const version of fetchVersions) {
  const records: { offset: string; isControlRecord: boolean; headers: object }[] =
    await recordsOf(version);
  fetches.push(
    records.map(({ offset, isControlRecord, headers }) => {
      const named = Object.entries(headers).map(([name, value]) => `${name}=${value}`);
      return [offset, isControlRecord, ...named];
    }),
  );
}
const produces = [];
for (const version of produceVersions) {
  const { request } = produceOf(version);
  const encoded = await request.encode();
  produces.push([request.apiVersion, encoded instanceof Encoder]);
}
process.stdout.write(JSON.stringify({ fetches, produces }));
