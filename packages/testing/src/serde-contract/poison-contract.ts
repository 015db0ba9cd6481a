import { defineEvent, PoisonMessageError, t } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { failureOf, newNamespace, type SerdeFixture, signal } from './serde-fixture.ts';

function frame(id: number, ...avro: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(5 + avro.length);
  bytes.writeUInt32BE(id, 1);
  bytes.set(avro, 5);
  return bytes;
}

/** The varint that Avro writes for a count of 2^31 - 1. */
const hugeCount = [0xfe, 0xff, 0xff, 0xff, 0x0f];
const endlessCount = Array<number>(1_000).fill(0xff);

/** Bytes that can never be read fail as poison: quickly, without taking memory, whatever they claim. */
export function poisonContract(fixture: () => SerdeFixture): void {
  describe('messages that can never be read', () => {
    async function prepared() {
      const namespace = newNamespace();
      class Order extends defineEvent(`${namespace}.Order`, {
        orderId: t.string().key(),
        units: t.int(),
        blob: t.bytes(),
        list: t.array(t.int()),
        byKey: t.map(t.boolean()),
      }) {}
      const serde = fixture().open();
      await serde.prepare([Order], signal);
      const event = new Order({
        orderId: 'a',
        units: 1,
        blob: Uint8Array.of(1),
        list: [1],
        byKey: { a: true },
      });
      const bytes = serde.encode(event);
      const id = Buffer.from(bytes).readUInt32BE(1);
      return { namespace, Order, serde, bytes, id };
    }

    it('a bad frame: empty, too short, another first byte', async () => {
      const { serde, Order, bytes } = await prepared();
      const other = Uint8Array.from(bytes);
      other[0] = 1;
      for (const bad of [new Uint8Array(0), bytes.subarray(0, 4), other, Buffer.from('{"a":1}')]) {
        expect(await failureOf(() => serde.decode(bad, Order))).toBeInstanceOf(PoisonMessageError);
      }
    });

    it('an id that the registry does not have', async () => {
      const { serde, Order } = await prepared();
      const error = await failureOf(() => serde.decode(frame(4_000_000_000, 2, 97), Order));
      expect(error).toBeInstanceOf(PoisonMessageError);
      expect(error).toMatchObject({ code: 'schema-unknown' });
      expect(String(error)).toContain('4000000000');
    });

    it('bytes cut off anywhere, and bytes that follow the end', async () => {
      const { serde, Order, bytes } = await prepared();
      for (let length = 0; length < bytes.length; length += 1) {
        const error = await failureOf(() => serde.decode(bytes.subarray(0, length), Order));
        expect(error).toBeInstanceOf(PoisonMessageError);
      }
      const error = await failureOf(() => serde.decode(Buffer.concat([bytes, bytes]), Order));
      expect(error).toBeInstanceOf(PoisonMessageError);
    });

    it('lengths and counts of another size than the message', async () => {
      const { serde, Order, id } = await prepared();
      const text = [2, 97];
      for (const avro of [
        hugeCount,
        endlessCount,
        [...text, ...endlessCount],
        [...text, 2, ...hugeCount],
        [...text, 2, 1],
        [...text, 2, 0, ...hugeCount],
        [...text, 2, 0, ...endlessCount],
        [...text, 2, 0, 0xfd, 0xff, 0xff, 0xff, 0x0f, 1],
        [...text, 2, 0, 0, ...hugeCount],
        [...text, 2, 0, 0, ...endlessCount],
      ]) {
        const error = await failureOf(() => serde.decode(frame(id, ...avro), Order));
        expect(error).toBeInstanceOf(PoisonMessageError);
      }
    });

    it('an int of more than 32 bits', async () => {
      const { serde, Order, id } = await prepared();
      const tooLong = [0x80, 0x80, 0x80, 0x80, 0x40];
      const error = await failureOf(() =>
        serde.decode(frame(id, 2, 97, ...tooLong, 0, 0, 0), Order),
      );
      expect(error).toBeInstanceOf(PoisonMessageError);
    });

    it('another event, or one whose schema does not go together, with both names', async () => {
      const { namespace, serde, Order } = await prepared();
      class Other extends defineEvent(`${namespace}.Other`, { orderId: t.string().key() }) {}
      await serde.prepare([Other], signal);
      const bytes = serde.encode(new Other({ orderId: 'a' }));
      const error = await failureOf(() => serde.decode(bytes, Order));
      expect(error).toBeInstanceOf(PoisonMessageError);
      expect(String(error)).toContain(`${namespace}.Other`);
      expect(String(error)).toContain(`${namespace}.Order`);
    });

    it('a hostile count in a field that the reader does not know', async () => {
      const namespace = newNamespace();
      const name = `${namespace}.Order` as const;
      class Order extends defineEvent(name, { orderId: t.string().key() }) {}
      class Wider extends defineEvent(name, {
        orderId: t.string().key(),
        list: t.array(t.int()).default([]),
        byKey: t.map(t.bytes()).default({}),
      }) {}
      const serde = fixture().open();
      await serde.prepare([Wider], signal);
      const id = Buffer.from(serde.encode(new Wider({ orderId: 'a' }))).readUInt32BE(1);
      for (const avro of [
        [2, 97, ...hugeCount],
        [2, 97, ...endlessCount],
        // A block of -1 items that says its size is negative: back to where it was read.
        [2, 97, 1, 3, 0],
        [2, 97, 0, ...hugeCount],
        [2, 97, 0, 1, 5, 0],
      ]) {
        const error = await failureOf(() => serde.decode(frame(id, ...avro), Order));
        expect(error).toBeInstanceOf(PoisonMessageError);
      }
    });
  });
}
