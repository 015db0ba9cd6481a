import { systemClock } from '@troupe/core';
import { patchOnce, replaceKafkajsModule } from '../client/kafkajs-modules.ts';
import { type BatchContext, decodeRecord, type RecordSource } from './decode-record.ts';
import {
  encodeProduceRequest,
  isUsualRequest,
  type ProduceRequest,
} from './encode-produce-request.ts';

const protocol = 'kafkajs/src/protocol';
/** All later versions of the request are made of this one. */
const encoderModule = `${protocol}/requests/produce/v3/request.js`;
const decoderModule = `${protocol}/recordBatch/record/v0/decoder.js`;

type ClientFunction = (...given: readonly unknown[]) => unknown;

/**
 * Puts `encodeProduceRequest` and `decodeRecord` in the place of the client's own functions, which are most of what a
 * record with headers costs. The client loads those two modules with its first request, so this has to be called before;
 * whoever else uses the client in this process gets them too, and the same bytes. Idempotent.
 */
export function installRecordCodec(): void {
  patchOnce('record codec', () => {
    replaceKafkajsModule<ClientFunction>(encoderModule, (original) => (given) => {
      const request = given as ProduceRequest;
      const usual = original(given) as object;
      if (!isUsualRequest(request)) return usual;
      return { ...usual, encode: async () => encodeProduceRequest(request, systemClock.nowMs()) };
    });
    replaceKafkajsModule<ClientFunction>(decoderModule, () => (source, context) => {
      return decodeRecord(source as RecordSource, context as BatchContext);
    });
  });
}
