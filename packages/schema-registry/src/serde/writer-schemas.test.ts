import { type Clock, systemClock } from '@troupe/core';
import { expect, it } from 'vitest';
import type { SchemaRegistry } from '../registry/schema-registry.ts';
import { WriterSchemas } from './writer-schemas.ts';

/** A registry that knows `texts`, and what it was asked for. */
function registryOf(texts: ReadonlyMap<number, string>) {
  const asked: number[] = [];
  const registry: SchemaRegistry = {
    name: 'a registry',
    checkCompatibility: async () => ({ compatible: true, reasons: [] }),
    register: async () => 1,
    schemaById: async (id) => {
      asked.push(id);
      return texts.get(id);
    },
  };
  return { registry, asked };
}

function manualClock(): { readonly clock: Clock; readonly time: { ms: number } } {
  const time = { ms: 0 };
  return { time, clock: { ...systemClock, monotonicMs: () => time.ms } };
}

const limits = { writerSchemasMax: 3, unusableForMs: 1_000 };

it('keeps the schemas used last, and asks again for those it forgot', async () => {
  const { registry, asked } = registryOf(
    new Map([1, 2, 3, 4].map((id) => [id, `{"type":"record","name":"R${id}","fields":[]}`])),
  );
  const writers = new WriterSchemas(registry, limits, systemClock);
  for (const id of [1, 2, 3]) await writers.get(id);
  await writers.get(1);
  await writers.get(4);
  expect(writers.get(1)).not.toBeInstanceOf(Promise);
  expect(asked).toEqual([1, 2, 3, 4]);
  await writers.get(2);
  expect(asked).toEqual([1, 2, 3, 4, 2]);
});

it('asks once for a schema that many messages wait for', async () => {
  const { registry, asked } = registryOf(new Map([[1, '"string"']]));
  const writers = new WriterSchemas(registry, limits, systemClock);
  await Promise.all([writers.get(1), writers.get(1), writers.get(1)]);
  expect(asked).toEqual([1]);
});

it('does not ask again and again for an id that is not there, nor for a schema that is of no use', async () => {
  const { registry, asked } = registryOf(new Map([[8, '{"type":"object"}']]));
  const { clock, time } = manualClock();
  const writers = new WriterSchemas(registry, limits, clock);
  const codes: string[] = [];
  for (const id of [7, 7, 8, 8]) {
    await Promise.resolve(writers.get(id)).catch((error) => codes.push(error.code));
  }
  expect(codes).toEqual(['schema-unknown', 'schema-unknown', 'poison-message', 'poison-message']);
  expect(asked).toEqual([7, 8]);
  time.ms = 1_000;
  await expect(writers.get(7)).rejects.toMatchObject({ code: 'schema-unknown' });
  expect(asked).toEqual([7, 8, 7]);
});

it('asks again at once after the registry did not answer', async () => {
  const { registry, asked } = registryOf(new Map([[1, '"string"']]));
  let away = true;
  const flaky: SchemaRegistry = {
    ...registry,
    schemaById: (id, signal) =>
      away ? Promise.reject(new Error('away')) : registry.schemaById(id, signal),
  };
  const writers = new WriterSchemas(flaky, limits, systemClock);
  await expect(writers.get(1)).rejects.toThrow('away');
  away = false;
  await writers.get(1);
  expect(asked).toEqual([1]);
});
