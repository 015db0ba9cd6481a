import { defineEvent, type Event, PoisonMessageError, type Serde, t } from '@troupe/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createInProcessRegistry } from '../registry/in-process-registry.ts';
import { createAvroSerde } from './avro-serde.ts';

const Node = t.record('Node', {
  tags: t.map(t.array(t.string())),
  amount: t.decimal(12, 2),
  at: t.timestamp().optional(),
});

class Order extends defineEvent('fuzz.Order', {
  orderId: t.string().key(),
  units: t.int(),
  total: t.long(),
  rate: t.double(),
  blob: t.bytes(),
  day: t.date(),
  color: t.enum('Color', ['RED', 'GREEN']),
  nodes: t.array(Node),
  best: Node.nullable(),
}) {}

/** An older release of it: most of the bytes are skipped. */
class OldOrder extends defineEvent('fuzz.Order', {
  orderId: t.string().key(),
  best: Node.nullable(),
}) {}

const { signal } = new AbortController();
let serde: Serde;
let old: Serde;
let sample: Uint8Array;

beforeAll(async () => {
  const registry = createInProcessRegistry({ compatibility: 'NONE' });
  serde = createAvroSerde({ registry });
  old = createAvroSerde({ registry });
  await serde.prepare([Order], signal);
  await old.prepare([OldOrder], signal);
  const node = { tags: { a: ['x', 'y'], b: [] }, amount: '-12.50', at: new Date(5) };
  sample = serde.encode(
    new Order({
      orderId: 'order-1',
      units: -7,
      total: 2 ** 40,
      rate: 0.5,
      blob: Uint8Array.of(1, 2, 3),
      day: '2026-11-21',
      color: 'GREEN',
      nodes: [node, { ...node, at: null }],
      best: node,
    }),
  );
  await old.decode(sample, OldOrder);
});

/** An event, or poison; nothing else, and never an end of the process. */
async function readsOrRefuses(bytes: Uint8Array): Promise<void> {
  for (const read of [() => serde.decode(bytes, Order), () => old.decode(bytes, OldOrder)]) {
    let event: Event;
    try {
      event = await read();
    } catch (error) {
      expect(error).toBeInstanceOf(PoisonMessageError);
      continue;
    }
    expect(Object.getPrototypeOf(event)).not.toBe(Object.prototype);
  }
}

/** A byte with its high bit set goes on: these make long and hostile numbers often. */
const hostileByte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xfe, 0xff),
);

describe('whatever bytes there are', () => {
  it('random ones behind a good frame', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileByte, { maxLength: 200 }), (avro) =>
        readsOrRefuses(Uint8Array.from([...sample.subarray(0, 5), ...avro])),
      ),
      { numRuns: 3_000 },
    );
  });

  it('random ones without a frame', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 20 }), (bytes) => readsOrRefuses(bytes)),
      { numRuns: 500 },
    );
  });

  it('a good message with some bytes changed, cut out or put in', async () => {
    const change = fc.record({
      at: fc.nat({ max: 1_000 }),
      remove: fc.nat({ max: 3 }),
      insert: fc.array(hostileByte, { maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = [...sample];
        for (const { at, remove, insert } of changes) {
          bytes.splice(5 + (at % (bytes.length - 4)), remove, ...insert);
        }
        return readsOrRefuses(Uint8Array.from(bytes));
      }),
      { numRuns: 3_000 },
    );
  });
});
