import { deepStrictEqual } from 'node:assert/strict';
import { defineEvent, eventClassOf, t } from '@troupe/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evolutionContract } from './evolution-contract.ts';
import { poisonContract } from './poison-contract.ts';
import {
  failureOf,
  newNamespace,
  type SerdeFeatures,
  type SerdeFixture,
  type SerdeSetup,
  signal,
} from './serde-fixture.ts';

const Line = t.record('Line', {
  sku: t.string(),
  units: t.int(),
  price: t.decimal(10, 2),
  gift: t.boolean().default(false),
});

/** Every type of field there is. */
function everyType(namespace: string) {
  return class EveryType extends defineEvent(`${namespace}.EveryType`, {
    orderId: t.string().key(),
    int: t.int(),
    long: t.long(),
    float: t.float(),
    double: t.double(),
    flag: t.boolean(),
    bytes: t.bytes(),
    uuid: t.uuid(),
    at: t.timestamp(),
    day: t.date(),
    amount: t.decimal(20, 4),
    currency: t.enum('Currency', ['EUR', 'USD']),
    lines: t.array(Line),
    best: Line.nullable(),
    byName: t.map(Line),
    matrix: t.array(t.array(t.int())),
    optionalText: t.string().optional(),
    optionalDate: t.date().optional(),
    optionalBytes: t.bytes().optional(),
    optionalAmount: t.decimal(5, 1).optional(),
    optionalAt: t.timestamp().optional(),
    optionalLines: t.array(Line).nullable(),
  }) {};
}

const line = { sku: 'a', units: 1, price: '-3.25', gift: true };
const fullPayload = {
  orderId: 'bestellung-äöü-😀',
  int: -(2 ** 31),
  long: Number.MAX_SAFE_INTEGER - 1,
  float: 1.5,
  double: Number.MIN_VALUE,
  flag: true,
  bytes: Uint8Array.of(0, 255, 128),
  uuid: '6f1c2a3e-9a3b-4e2e-8a41-2b0d6d6f0a11',
  at: new Date('2026-11-21T03:04:05.678Z'),
  day: '0001-02-28',
  amount: '-9999999999999999.9999',
  currency: 'USD',
  lines: [line, { ...line, price: '0.00' }],
  best: line,
  byName: { a: line, ['__proto__']: line, constructor: line },
  matrix: [[], [1, -1], [2 ** 31 - 1]],
  optionalText: '',
  optionalDate: '9999-12-31',
  optionalBytes: new Uint8Array(0),
  optionalAmount: '0.1',
  optionalAt: new Date(0),
  optionalLines: [line],
} as const;

const emptyPayload = {
  ...fullPayload,
  lines: [],
  best: null,
  byName: {},
  matrix: [],
  optionalText: null,
  optionalDate: null,
  optionalBytes: null,
  optionalAmount: null,
  optionalAt: null,
  optionalLines: null,
};

/** Keeps each sentence of the port `Serde`. Call it at the top of a test file of the implementation. */
export function serdeContract(
  name: string,
  features: SerdeFeatures,
  { setup, teardown }: SerdeSetup,
): void {
  describe(`serde contract: ${name}`, () => {
    let fixture: SerdeFixture;
    beforeAll(async () => {
      fixture = await setup();
    });
    afterAll(() => teardown(fixture));

    for (const [what, payload] of [
      ['every type of field', fullPayload],
      ['empty collections and nulls', emptyPayload],
    ] as const) {
      it(`reads back what was written: ${what}`, async () => {
        const EveryType = everyType(newNamespace());
        const serde = fixture.open();
        await serde.prepare([EveryType], signal);
        const event = new EveryType(payload);
        const read = await serde.decode(serde.encode(event), EveryType);
        // Not by expect: it takes a map's entry named constructor for the constructor.
        deepStrictEqual(read, event);
        expect(eventClassOf(read)).toBe(EveryType);
        expect(Object.keys(read)).toEqual(Object.keys(event));
        expect(Object.getPrototypeOf(read.lines[0] ?? line)).toBe(Object.prototype);
      });
    }

    it('writes a zero, the id of the schema as 4 bytes big endian, then Avro binary', async () => {
      const namespace = newNamespace();
      class Small extends defineEvent(`${namespace}.Small`, { orderId: t.string().key() }) {}
      const serde = fixture.open();
      await serde.prepare([Small], signal);
      const bytes = Buffer.from(serde.encode(new Small({ orderId: 'ab' })));
      const id = await fixture.register(`${namespace}.Small`, JSON.stringify(Small.avro));
      expect(bytes[0]).toBe(0);
      expect(bytes.readUInt32BE(1)).toBe(id);
      expect([...bytes.subarray(5)]).toEqual([4, 97, 98]);
    });

    it('gives each message bytes of its own', async () => {
      class Own extends defineEvent(`${newNamespace()}.Own`, { orderId: t.string().key() }) {}
      const serde = fixture.open();
      await serde.prepare([Own], signal);
      const first = serde.encode(new Own({ orderId: 'first' }));
      const before = [...first];
      serde.encode(new Own({ orderId: 'second' }));
      expect([...first]).toEqual(before);
    });

    it('prepares a class again without harm, and two classes of one name that are the same contract', async () => {
      const namespace = newNamespace();
      const copy = () =>
        class Copied extends defineEvent(`${namespace}.Copied`, { orderId: t.string().key() }) {};
      const [One, Two] = [copy(), copy()];
      const serde = fixture.open();
      await serde.prepare([One, One], signal);
      await serde.prepare([One, Two], signal);
      const first = serde.encode(new One({ orderId: 'a' }));
      expect([...serde.encode(new Two({ orderId: 'a' }))]).toEqual([...first]);
      expect(await serde.decode(first, Two)).toStrictEqual(new Two({ orderId: 'a' }));
    });

    it('refuses two classes of one name that are two contracts', async () => {
      const namespace = newNamespace();
      class One extends defineEvent(`${namespace}.Same`, { orderId: t.string().key() }) {}
      class Two extends defineEvent(`${namespace}.Same`, { id: t.string().key() }) {}
      const error = await failureOf(() => fixture.open().prepare([One, Two], signal));
      expect(error).toMatchObject({ code: 'definition-conflict' });
      expect(String(error)).toContain(`${namespace}.Same`);
    });

    it('encodes only classes that were prepared, and names the one that was not', async () => {
      const namespace = newNamespace();
      class Unprepared extends defineEvent(`${namespace}.Unprepared`, {
        orderId: t.string().key(),
      }) {}
      const error = await failureOf(() => fixture.open().encode(new Unprepared({ orderId: 'a' })));
      expect(String(error)).toMatch(/Unprepared was not prepared/);
    });

    it('refuses a payload that was changed to what cannot be written, with its path', async () => {
      const EveryType = everyType(newNamespace());
      const serde = fixture.open();
      await serde.prepare([EveryType], signal);
      const changes: readonly (readonly [path: string, change: object])[] = [
        ['int', { int: 1.5 }],
        ['lines.1.price', { lines: [line, { ...line, price: 'much' }] }],
        ['optionalDate', { optionalDate: '2026-13-01' }],
        ['at', { at: new Date(Number.NaN) }],
        ['best.units', { best: { ...line, units: null } }],
        ['currency', { currency: 'GBP' }],
      ];
      for (const [path, change] of changes) {
        const event = Object.assign(new EveryType(fullPayload), change);
        const error = await failureOf(() => serde.encode(event));
        expect(error).toMatchObject({ code: 'payload-invalid', details: { path } });
      }
      // What failed before leaves nothing behind.
      const event = new EveryType(fullPayload);
      deepStrictEqual(await serde.decode(serde.encode(event), EveryType), event);
    });

    it('writes events of any size', async () => {
      class Sized extends defineEvent(`${newNamespace()}.Sized`, {
        orderId: t.string().key(),
        text: t.string(),
      }) {}
      const serde = fixture.open();
      await serde.prepare([Sized], signal);
      for (const chars of [0, 10, 16_378, 16_384, 100_000, 3_000_000, 10]) {
        const event = new Sized({ orderId: 'a', text: 'é'.repeat(chars) });
        expect(await serde.decode(serde.encode(event), Sized)).toStrictEqual(event);
      }
    });

    evolutionContract(features, () => fixture);
    poisonContract(() => fixture);
  });
}
