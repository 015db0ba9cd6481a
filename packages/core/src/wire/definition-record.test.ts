import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SagaGraph } from '../sagas/graph/saga-graph.ts';
import { hashOfGraph } from '../sagas/graph/saga-hash.ts';
import { readDefinition, writeDefinition } from './definition-record.ts';

const event = (type: string) => ({ type, topic: 'shop', fingerprint: '0123' });
const content = {
  startsOn: event('shop.OrderPlaced'),
  timeoutMs: 1_000,
  steps: [
    {
      name: 'reserve-stock',
      shape: 'single',
      dependencies: [{ name: '', outcome: 'succeeded', required: true }],
      emits: event('shop.StockReserved'),
      pivot: false,
      conditional: false,
      timeoutMs: 100,
    },
  ],
} as const;
const hash = hashOfGraph(content);
const graph: SagaGraph = { name: 'place-order', version: 1, hash, ...content };

function asRead({ key, value }: ReturnType<typeof writeDefinition>) {
  return { key: Uint8Array.from(Buffer.from(key)), value };
}

describe('a definition as a record', () => {
  it('comes back, under its saga reference', () => {
    const record = writeDefinition(graph);
    expect(record).toMatchObject({
      topic: 'troupe.definitions',
      key: `place-order@1#${hash}`,
      headers: { 'content-type': 'application/json' },
    });
    expect(readDefinition(asRead(record))).toEqual(graph);
  });

  it('is nothing when it is a tombstone', () => {
    expect(readDefinition({ ...asRead(writeDefinition(graph)), value: null })).toBeUndefined();
  });

  it('is refused under another key, too large, or without a key', () => {
    const record = asRead(writeDefinition(graph));
    expect(readDefinition({ ...record, key: Uint8Array.of(65) })).toHaveProperty('fault');
    expect(readDefinition({ ...record, key: null })).toHaveProperty('fault');
    expect(readDefinition({ ...record, value: new Uint8Array(2_000_001) })).toEqual({
      fault: expect.stringMatching(/has 2000001 bytes, the most is 2000000/),
    });
  });

  it('never throws, whatever the bytes are', () => {
    const value = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => Uint8Array.from(Buffer.from(json))),
      // A definition with one part replaced by anything.
      fc
        .tuple(fc.constantFrom(...Object.keys(graph)), fc.jsonValue())
        .map(([field, other]) =>
          Uint8Array.from(Buffer.from(JSON.stringify({ ...graph, [field]: other }))),
        ),
    );
    const key = fc.oneof(fc.uint8Array(), fc.constant(asRead(writeDefinition(graph)).key));
    fc.assert(
      fc.property(key, value, (k, v) => {
        const read = readDefinition({ key: k, value: v });
        if (read !== undefined && 'fault' in read) expect(read.fault).toMatch(/^definition/);
      }),
      { numRuns: 3_000 },
    );
  });
});
