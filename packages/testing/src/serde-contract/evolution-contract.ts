import { defineEvent, t } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import {
  failureOf,
  newNamespace,
  type SerdeFeatures,
  type SerdeFixture,
  signal,
} from './serde-fixture.ts';

/** The same event type as two releases have it. */
function releases(namespace: string) {
  const name = `${namespace}.Order` as const;
  class Old extends defineEvent(name, {
    orderId: t.string().key(),
    note: t.string().optional(),
    lines: t.array(t.record('Line', { sku: t.string() })),
  }) {}
  class New extends defineEvent(name, {
    orderId: t.string().key(),
    lines: t.array(t.record('Line', { sku: t.string(), units: t.int().default(1) })),
    placedOn: t.date().default('2026-01-31'),
    total: t.decimal(8, 2).default('0.00'),
    paidAt: t.timestamp().optional(),
    address: t.record('Address', { country: t.string(), floor: t.int().optional() }).optional(),
  }) {}
  return { Old, New };
}

/** Events of one release read by another, and schemas that do not go together. */
export function evolutionContract(features: SerdeFeatures, fixture: () => SerdeFixture): void {
  describe('several releases of an event', () => {
    it('an old event is read by a new service: what it lacks has its default, at every depth', async () => {
      const { Old, New } = releases(newNamespace());
      const [oldService, newService] = [fixture().open(), fixture().open()];
      await oldService.prepare([Old], signal);
      await newService.prepare([New], signal);
      const bytes = oldService.encode(
        new Old({ orderId: 'a', note: 'fragile', lines: [{ sku: 'x' }] }),
      );
      const read = await newService.decode(bytes, New);
      expect(read).toStrictEqual(
        new New({
          orderId: 'a',
          lines: [{ sku: 'x', units: 1 }],
          placedOn: '2026-01-31',
          total: '0.00',
          paidAt: null,
          address: null,
        }),
      );
    });

    it('a new event is read by an old service: what it does not know is left out', async () => {
      const { Old, New } = releases(newNamespace());
      const [oldService, newService] = [fixture().open(), fixture().open()];
      await oldService.prepare([Old], signal);
      await newService.prepare([New], signal);
      const bytes = newService.encode(
        new New({
          orderId: 'a',
          lines: [{ sku: 'x', units: 7 }],
          paidAt: new Date(5),
          address: { country: 'NO' },
        }),
      );
      const read = await oldService.decode(bytes, Old);
      expect(read).toStrictEqual(new Old({ orderId: 'a', lines: [{ sku: 'x' }] }));
    });

    it('answers at once for a schema that it knows, with a promise for another', async () => {
      const { Old, New } = releases(newNamespace());
      const [oldService, newService] = [fixture().open(), fixture().open()];
      await oldService.prepare([Old], signal);
      await newService.prepare([New], signal);
      const bytes = oldService.encode(new Old({ orderId: 'a', lines: [] }));
      expect(oldService.decode(bytes, Old)).toBeInstanceOf(Old);
      const first = newService.decode(bytes, New);
      expect(first).toBeInstanceOf(Promise);
      await first;
      expect(newService.decode(bytes, New)).toBeInstanceOf(New);
    });

    it('does not share defaults that can change', async () => {
      const { Old, New } = releases(newNamespace());
      const [oldService, newService] = [fixture().open(), fixture().open()];
      await oldService.prepare([Old], signal);
      await newService.prepare([New], signal);
      const bytes = oldService.encode(new Old({ orderId: 'a', lines: [] }));
      const [one, two] = [await newService.decode(bytes, New), await newService.decode(bytes, New)];
      expect(one.lines).not.toBe(two.lines);
    });

    it('rejects an incompatible schema with the reason and the subject, and registers nothing of that call', async () => {
      const namespace = newNamespace();
      const name = `${namespace}.Changed` as const;
      class Old extends defineEvent(name, { orderId: t.string().key(), units: t.int() }) {}
      class New extends defineEvent(name, { orderId: t.string().key(), units: t.string() }) {}
      class Other extends defineEvent(`${namespace}.Other`, { orderId: t.string().key() }) {}
      await fixture().open().prepare([Old], signal);
      const serde = fixture().open();
      const error = await failureOf(() => serde.prepare([Other, New], signal));
      expect(error).toMatchObject({ code: 'schema-incompatible', retryable: false });
      expect(String(error)).toContain(name);
      expect(String(error)).toMatch(/units|fields\/1/);
      const encoding = await failureOf(() => serde.encode(new Other({ orderId: 'a' })));
      expect(String(encoding)).toMatch(/Other was not prepared/);
    });
  });

  describe.skipIf(!features.outage)('while the registry is away', () => {
    it('known schemas go on; others fail retryably, naming the registry, and are read when it is back', async () => {
      const { Old, New } = releases(newNamespace());
      const [oldService, newService] = [fixture().open(), fixture().open()];
      await oldService.prepare([Old], signal);
      await newService.prepare([New], signal);
      const event = new Old({ orderId: 'a', lines: [] });
      const bytes = oldService.encode(event);

      await fixture().stop();
      expect(oldService.decode(oldService.encode(event), Old)).toStrictEqual(event);
      const error = await failureOf(() => newService.decode(bytes, New));
      expect(error).toMatchObject({ code: 'schema-unavailable', retryable: true });
      const start = await failureOf(() => fixture().open().prepare([Old], signal));
      expect(start).toMatchObject({ code: 'schema-unavailable', retryable: true });

      await fixture().restart();
      expect(await newService.decode(bytes, New)).toBeInstanceOf(New);
    });
  });
}
