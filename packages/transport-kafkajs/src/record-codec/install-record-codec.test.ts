import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { installRecordCodec } from './install-record-codec.ts';

const clientRequire = createRequire(import.meta.url);
const protocol = 'kafkajs/src/protocol';
const message = { key: 'k', value: Buffer.from('v'), headers: { ce_id: '1' } };

/** The request that the client makes, whatever version of it the broker asked for. */
async function encodedBy(version: number, messages: readonly object[]): Promise<Buffer> {
  const { protocol: versionOf } = clientRequire(`${protocol}/requests/produce/index.js`);
  const topicData = [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages }] }];
  const { request } = versionOf({ version })({ acks: -1, timeout: 1, topicData });
  expect(request).toMatchObject({ apiName: 'Produce', apiVersion: version });
  const { buffer } = await request.encode();
  return buffer;
}

test('the client makes its requests with the codec, to the same bytes', async () => {
  installRecordCodec();
  installRecordCodec();
  for (const version of [3, 4, 5, 6, 7]) {
    const usual = await encodedBy(version, [message]);
    // A time of its own makes it the client's work; both are the same but for times and checksum.
    const clients = await encodedBy(version, [{ ...message, timestamp: Date.now() }]);
    expect(usual.length).toBe(clients.length);
    expect(usual.subarray(-16)).toEqual(clients.subarray(-16));
  }
});

test('the client reads records with the codec', () => {
  installRecordCodec();
  const decode = clientRequire(`${protocol}/recordBatch/record/v0/decoder.js`);
  const Decoder = clientRequire(`${protocol}/decoder.js`);
  const encode = clientRequire(`${protocol}/recordBatch/record/v0/index.js`);
  const source = new Decoder(encode({ value: 'v', headers: { constructor: 'c' } }).buffer);
  source.readVarInt();
  const batch = { firstOffset: '7', firstTimestamp: '0', maxTimestamp: '0', magicByte: 2 };
  // The client's own decoder adds a function to a header of this name.
  expect(decode(source, batch)).toMatchObject({
    offset: '7',
    headers: { constructor: Buffer.from('c') },
  });
});
