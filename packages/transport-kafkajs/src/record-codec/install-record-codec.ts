import { systemClock } from '@troupe/core';
import {
  fetchResponseModules,
  patchOnce,
  replaceKafkajsModule,
} from '../client/kafkajs-modules.ts';
import { type BatchContext, decodeRecord, type RecordSource } from './decode-record.ts';
import {
  encodeProduceRequest,
  isUsualRequest,
  type ProduceRequest,
} from './encode-produce-request.ts';

const protocol = 'kafkajs/src/protocol';
/** All later versions of the request are made of this one. */
const encoderModule = `${protocol}/requests/produce/v3/request.js`;
const laterRequestModules = [4, 5, 6, 7].map(
  (version) => `${protocol}/requests/produce/v${version}/request.js`,
);
const decoderModule = `${protocol}/recordBatch/record/v0/decoder.js`;
const decoderUserModules = [`${protocol}/recordBatch/v0/decoder.js`, ...fetchResponseModules];

type ClientFunction = (...given: readonly unknown[]) => unknown;

/**
 * Puts `encodeProduceRequest` and `decodeRecord` in the place of the client's own functions, which are most of what a
 * record with headers costs. Whoever else uses the client in this process gets them too, and the same bytes. Idempotent.
 */
export function installRecordCodec(): void {
  patchOnce('record codec', () => {
    replaceKafkajsModule<ClientFunction>(encoderModule, laterRequestModules, encodingWith);
    replaceKafkajsModule<ClientFunction>(decoderModule, decoderUserModules, () => decode);
  });
}

function encodingWith(original: ClientFunction): ClientFunction {
  return (given) => {
    const request = given as ProduceRequest;
    const usual = original(given) as object;
    if (!isUsualRequest(request)) return usual;
    return { ...usual, encode: async () => encodeProduceRequest(request, systemClock.nowMs()) };
  };
}

function decode(source: unknown, context: unknown): unknown {
  return decodeRecord(source as RecordSource, context as BatchContext);
}
