import { type AnyEventClass, defineEvent, type Event, type Fields, t } from '@troupe/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInProcessRegistry } from '../registry/in-process-registry.ts';
import { createAvroSerde } from './avro-serde.ts';

/** A type of `t` without its TypeScript types, and values of it. */
interface AnyType {
  readonly type: ReturnType<typeof t.map<unknown, unknown>>;
  readonly value: fc.Arbitrary<unknown>;
  readonly nullable: boolean;
}
const anyType = (type: unknown, value: fc.Arbitrary<unknown>, nullable = false): AnyType => ({
  // What is built at random has no type that a compiler could know.
  type: type as AnyType['type'],
  value,
  nullable,
});

const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const decimal = fc
  .tuple(fc.bigInt({ min: 1n - 10n ** 17n, max: 10n ** 17n - 1n }), fc.nat({ max: 999 }))
  .map(([whole, part]) => `${whole}.${String(part).padStart(3, '0')}`);
const finite = { noNaN: true, noDefaultInfinity: true } as const;

const scalar = fc.constantFrom(
  anyType(t.string(), fc.string({ unit: 'grapheme' })),
  anyType(t.boolean(), fc.boolean()),
  anyType(t.int(), fc.integer()),
  anyType(t.long(), fc.maxSafeInteger()),
  anyType(t.float(), fc.float(finite)),
  anyType(t.double(), fc.double(finite)),
  anyType(t.bytes(), fc.uint8Array()),
  anyType(t.uuid(), fc.uuid()),
  anyType(t.timestamp(), fc.date({ noInvalidDate: true })),
  anyType(t.date(), day),
  anyType(t.decimal(20, 3), decimal),
  anyType(t.enum('Color', ['RED', 'GREEN']), fc.constantFrom('RED', 'GREEN')),
  anyType(
    t.record('Point', { x: t.int(), y: t.date().default('2020-02-29'), z: t.long().optional() }),
    fc.record(
      { x: fc.integer(), y: day, z: fc.option(fc.maxSafeInteger()) },
      { requiredKeys: ['x'] },
    ),
  ),
);

let records = 0;
const { tree } = fc.letrec<{ tree: AnyType }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    scalar,
    tie('tree').map(({ type, value }) => anyType(t.array(type), fc.array(value, { maxLength: 3 }))),
    tie('tree').map(({ type, value }) =>
      anyType(t.map(type), fc.dictionary(fc.string(), value, { maxKeys: 3 })),
    ),
    tie('tree').map((of) =>
      of.nullable ? of : anyType(of.type.nullable(), fc.option(of.value), true),
    ),
    fc.array(tie('tree'), { maxLength: 3 }).map((parts) => {
      records += 1;
      const named = (pick: (part: AnyType) => unknown) =>
        Object.fromEntries(parts.map((part, index) => [`f${index}`, pick(part)]));
      return anyType(
        t.record(`Record${records}`, named(({ type }) => type) as Fields),
        fc.record(named(({ value }) => value) as Record<string, fc.Arbitrary<unknown>>),
      );
    }),
  ),
}));
const field = tree.chain(({ type, value }) =>
  fc.record({ type: fc.constant(type), value, absent: value }),
);
const fields = fc.array(field, { minLength: 1, maxLength: 4 });

const id = t.string().key();
const signal = new AbortController().signal;
const named = (all: readonly unknown[]) =>
  Object.fromEntries([['id', id], ...all.map((one, index) => [`f${index}`, one])]);
const make = (eventClass: AnyEventClass, payload: object): Event =>
  new eventClass({ ...payload, id: 'x' } as never);

test('an event of any schema and payload is read as it was made', async () => {
  await fc.assert(
    fc.asyncProperty(fields, async (all) => {
      const Made = defineEvent('a.Made', named(all.map(({ type }) => type)) as { id: typeof id });
      const serde = createAvroSerde({ registry: createInProcessRegistry() });
      await serde.prepare([Made], signal);
      const event = make(Made, named(all.map(({ value }) => value)));
      expect(await serde.decode(serde.encode(event), Made)).toEqual(event);
    }),
    { numRuns: 500 },
  );
});

test('a reader fills in what an older writer did not know as a writer of today does', async () => {
  await fc.assert(
    fc.asyncProperty(fields, async (all) => {
      const registry = createInProcessRegistry();
      const Old = defineEvent('a.Made', { id });
      const old = createAvroSerde({ registry });
      await old.prepare([Old], signal);
      const bytes = old.encode(make(Old, {}));

      const New = defineWithDefaults(all);
      fc.pre(New !== undefined);
      const young = createAvroSerde({ registry });
      await young.prepare([New], signal);
      expect(await young.decode(bytes, New)).toEqual(make(New, {}));
    }),
    { numRuns: 500 },
  );
});

/** Undefined where Avro has no way to write one of the defaults: a value, not null, in place of what may be null. */
function defineWithDefaults(all: readonly { type: AnyType['type']; absent: unknown }[]) {
  const defaults = all.map(({ type, absent }) => type.default(absent as never));
  try {
    return defineEvent('a.Made', named(defaults) as { id: typeof id });
  } catch (error) {
    if (String(error).includes('only null')) return undefined;
    throw error;
  }
}
