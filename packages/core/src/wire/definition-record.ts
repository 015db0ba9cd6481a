import { Buffer } from 'node:buffer';
import type { IncomingRecord, OutgoingRecord } from '../ports/transport.ts';
import { type GraphFault, parseSagaGraph } from '../sagas/graph/parse-graph.ts';
import { type SagaGraph, sagaRef } from '../sagas/graph/saga-graph.ts';
import { contentTypes, headerNames } from './header-names.ts';
import { internalTopics } from './internal-topics.ts';

/** More is refused before it is turned into text. */
const definitionBytesMax = 2_000_000;

/** A definition as a record of `troupe.definitions`: its key is the saga reference, its value JSON. */
export function writeDefinition(graph: SagaGraph): OutgoingRecord {
  return {
    topic: internalTopics.definitions,
    key: sagaRef(graph),
    value: Buffer.from(JSON.stringify(graph)),
    headers: { [headerNames.contentType]: contentTypes.json },
  };
}

/** Reads a record of `troupe.definitions`. Never throws. Undefined is a tombstone: nothing is known by it. */
export function readDefinition({
  key,
  value,
}: Pick<IncomingRecord, 'key' | 'value'>): SagaGraph | GraphFault | undefined {
  if (value === null) return undefined;
  const name = key === null ? '' : text(key.subarray(0, 300));
  return value.length > definitionBytesMax
    ? { fault: `definition ${name} has ${value.length} bytes, the most is ${definitionBytesMax}` }
    : parseSagaGraph(name, text(value));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
