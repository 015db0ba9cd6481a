import { createRequire } from 'node:module';
import { systemClock } from '@troupe/core';
import { type BatchContext, decodeRecord, type RecordSource } from './decode-record.ts';
import {
  encodeProduceRequest,
  isUsualRequest,
  type ProduceRequest,
} from './encode-produce-request.ts';

/** The only version whose modules are known. */
const clientVersion = '2.2.4';
const protocol = 'kafkajs/src/protocol';
/** All later versions of the request are made of this one. */
const encoderModule = `${protocol}/requests/produce/v3/request.js`;
const decoderModule = `${protocol}/recordBatch/record/v0/decoder.js`;

type ClientFunction = (...given: readonly unknown[]) => unknown;

const requireFromHere = createRequire(import.meta.url);
let installed = false;

/**
 * Puts `encodeProduceRequest` and `decodeRecord` in the place of the client's own functions, which are most of what a
 * record with headers costs. The client loads those two modules with its first request, so this has to be called before;
 * whoever else uses the client in this process gets them too, and the same bytes. Another version of the client keeps
 * its own. Idempotent.
 */
export function installRecordCodec(): void {
  if (installed || requireFromHere('kafkajs/package.json').version !== clientVersion) return;
  installed = true;
  replace(encoderModule, (original) => (given) => {
    const request = given as ProduceRequest;
    const usual = original(given) as object;
    if (!isUsualRequest(request)) return usual;
    return { ...usual, encode: async () => encodeProduceRequest(request, systemClock.nowMs()) };
  });
  replace(decoderModule, () => (source, context) => {
    return decodeRecord(source as RecordSource, context as BatchContext);
  });
}

function replace(path: string, replacement: (original: ClientFunction) => ClientFunction): void {
  const original: ClientFunction = requireFromHere(path);
  const module = requireFromHere.cache[requireFromHere.resolve(path)];
  if (module !== undefined) module.exports = replacement(original);
}
