import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { installRecordCodec } from './install-record-codec.ts';

const clientRequire = createRequire(import.meta.url);

test('the client encodes its requests with the codec, to the same bytes', async () => {
  const message = { key: 'k', value: Buffer.from('v'), headers: { ce_id: '1' } };
  const topicData = [
    { topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages: [message] }] },
  ];
  const encodeRequest = async (): Promise<Buffer> => {
    const produce = clientRequire('kafkajs/src/protocol/requests/produce/v3/request.js');
    const request = produce({ acks: -1, timeout: 1, topicData });
    return (await request.encode()).buffer;
  };
  const requestOf = clientRequire.resolve('kafkajs/src/protocol/requests/produce/v3/request.js');
  const encoder = 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
  const clientEncoder = clientRequire(encoder);
  const before = await encodeRequest();

  installRecordCodec();
  installRecordCodec();
  delete clientRequire.cache[requestOf]; // as in a process that has not sent anything yet

  expect(clientRequire(encoder)).not.toBe(clientEncoder);
  const after = await encodeRequest();
  // Both batches hold the time of their making, and a checksum over it.
  expect(after.length).toBe(before.length);
  expect(after.subarray(-20)).toEqual(before.subarray(-20));
});
